/** Starts the app. StrictMode is left out: the grid component's accessible table breaks in it. */

import './look/styles.css';

import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { applyTheme } from './look/theme.ts';

applyTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has a #root');
createRoot(root).render(<App />);
