/** The worker that reads a list's segments. */

import { readForOthers } from '@rowhouse/sdk/segment-port';

readForOthers(globalThis);
