/** What a page shows when there is nothing else to show: loading, empty, failed, no access. */

import type { ReactNode } from 'react';

/** The shape of a list that is coming; it appears only after a moment, so that fast answers do not flicker. */
export function GridSkeleton() {
  return (
    <div role="status" aria-label="Loading the list" className="appear flex-1 overflow-hidden">
      <div className="h-[34px] border-b border-line bg-panel" />
      {Array.from({ length: 18 }, (_, index) => (
        <div key={index} className="flex h-8 items-center gap-6 border-b border-line px-4">
          <span className="h-2.5 w-5 rounded bg-hover" />
          {[160, 80, 110, 140, 90].map((width, column) => (
            <span key={column} className="h-2.5 rounded bg-hover" style={{ width: width - ((index * 37 + column * 23) % 50) }} />
          ))}
        </div>
      ))}
    </div>
  );
}

/** Stands in for a page whose code did not come: the connection is away, or the server has a newer page. */
export function NotLoaded() {
  return (
    <div className="flex h-full">
      <Notice
        alert
        title="This page could not be loaded"
        action={
          <button type="button" className="control control-primary" onClick={() => globalThis.location.reload()}>
            Load again
          </button>
        }
      >
        Check the connection, then load it again. What this device keeps of your edits stays on it.
      </Notice>
    </div>
  );
}

interface NoticeProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly alert?: boolean;
}

/** One sentence, what to do about it, and the one button that helps. */
export function Notice({ title, children, action, alert = false }: NoticeProps) {
  return (
    <div role={alert ? 'alert' : undefined} className="flex flex-1 flex-col items-center justify-center gap-2 p-8 text-center">
      <h2 className="text-lg font-semibold">{title}</h2>
      {children && <p className="max-w-md text-muted">{children}</p>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}
