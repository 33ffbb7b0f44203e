/** What the steps of an import share: a title that takes the focus, a bar of progress, a choice, what went wrong. */

import { type ReactNode, useEffect, useRef } from 'react';

import { Problem, sentenceOf } from '../api/http.ts';

/** The heading of a step. It takes the focus when the step comes, so that nobody is left where a button has gone. */
export function StepTitle({ children }: { readonly children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h2 ref={heading} tabIndex={-1} className="text-lg font-semibold outline-none">
      {children}
    </h2>
  );
}

/** `share` is 0 to 1; `null` while nobody knows. */
export function ProgressBar({ label, share }: { readonly label: string; readonly share: number | null }) {
  const known = share === null ? {} : { 'aria-valuenow': Math.floor(share * 100) };
  return (
    <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={100} {...known} className="h-1.5 overflow-hidden rounded-full bg-hover">
      <div
        className={`h-full rounded-full bg-accent ${share === null ? 'w-1/4 animate-pulse' : 'transition-[width] duration-[120ms] ease-out'}`}
        style={share === null ? undefined : { width: `${share * 100}%` }}
      />
    </div>
  );
}

interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}

export function Select({ label, value, onChange, children }: SelectProps) {
  return (
    <label className="block min-w-0">
      <span className="mb-1 block text-xs text-muted">{label}</span>
      <select className="field !h-8 !px-2 !text-sm" value={value} onChange={(event) => onChange(event.target.value)}>
        {children}
      </select>
    </label>
  );
}

interface TickProps {
  readonly label: string;
  readonly hint?: string;
  readonly ticked: boolean;
  readonly onChange: (ticked: boolean) => void;
}

export function Tick({ label, hint, ticked, onChange }: TickProps) {
  return (
    <label className="flex items-start gap-2 text-sm">
      <input type="checkbox" className="mt-[3px] size-3.5 shrink-0 accent-accent" checked={ticked} onChange={(event) => onChange(event.target.checked)} />
      <span className="min-w-0">
        {label}
        {hint && <span className="block text-xs text-muted">{hint}</span>}
      </span>
    </label>
  );
}

interface TroubleProps {
  readonly title: string;
  readonly error: Error;
  readonly onRetry?: () => void;
}

export function Trouble({ title, error, onRetry }: TroubleProps) {
  const places = error instanceof Problem ? error.fields.filter(({ message }) => message !== error.message) : [];
  return (
    <div role="alert" className="flex flex-col items-start gap-1 rounded-control bg-warning-tint px-3 py-2 text-sm">
      <p className="font-medium text-warning">{title}</p>
      <p>{sentenceOf(error)}</p>
      {places.length > 0 && (
        <ul className="list-disc pl-5">
          {places.map(({ field, message }) => (
            <li key={field + message}>{message}</li>
          ))}
        </ul>
      )}
      {onRetry && (
        <button type="button" className="control mt-1 border border-line" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
