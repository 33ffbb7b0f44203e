/** What stands under both forms: what went wrong, and the button. */

import type { Making } from './new-list-dialog.tsx';

interface FootProps {
  readonly making: Making;
  readonly words: string;
  readonly able: boolean;
  readonly children?: React.ReactNode;
}

export function Foot({ making: { busy, problem }, words, able, children }: FootProps) {
  return (
    <div className="mt-auto flex items-center gap-3 pt-2">
      {problem ? (
        <p role="alert" data-testid="new-list-problem" className="text-sm text-danger">
          {problem}
        </p>
      ) : (
        children
      )}
      <button type="submit" data-testid="new-list-make" disabled={busy || !able} className="control control-primary ml-auto">
        {busy ? 'Making…' : words}
      </button>
    </div>
  );
}
