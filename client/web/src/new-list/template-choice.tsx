/** Choosing templates, several at once, with a look at the columns that each one gives. */

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { type ListSummary, templatesQuery } from '../api/queries.ts';
import { Notice } from '../shell/states.tsx';
import { Foot } from './foot.tsx';
import type { Making } from './new-list-dialog.tsx';
import { type Choice, type Template, deedOf, fateOf, kindOf, linksOf } from './templates.ts';

interface TemplateChoiceProps {
  readonly lists: readonly ListSummary[];
  readonly making: Making;
}

export function TemplateChoice({ lists, making }: TemplateChoiceProps) {
  const { data: templates, error, refetch } = useQuery(templatesQuery);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<string>();
  if (error) {
    return (
      <Notice
        alert
        title="The templates could not be loaded"
        action={
          <button type="button" className="control control-primary" onClick={() => void refetch()}>
            Try again
          </button>
        }
      >
        {error.message}
      </Notice>
    );
  }
  if (!templates) return <p className="appear text-sm text-muted">Loading…</p>;
  const choice: Choice = { templates, chosen, lists };
  const all = chosen.size === templates.length;
  function choose(key: string, on: boolean): void {
    setShown(key);
    setChosen(new Set(templates?.map((template) => template.key).filter((other) => (other === key ? on : chosen.has(other)))));
  }
  function submit(event: React.FormEvent): void {
    event.preventDefault();
    const wanted = templates?.filter(({ key }) => chosen.has(key)).map(({ key }) => ({ template: key }));
    if (wanted?.length) void making.make('templates', { templates: wanted, links: linksOf(choice) });
  }
  return (
    <form onSubmit={submit} className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-0 flex-1 flex-col gap-4 sm:flex-row">
        <fieldset className="max-h-[40%] shrink-0 overflow-y-auto sm:max-h-none sm:w-[280px]">
          <legend className="sr-only">Templates</legend>
          {templates.map((template) => (
            <Option
              key={template.key}
              template={template}
              on={chosen.has(template.key)}
              had={lists.some(({ name }) => name === template.name)}
              onChoose={(on) => choose(template.key, on)}
              onLook={() => setShown(template.key)}
            />
          ))}
        </fieldset>
        <Preview template={templates.find(({ key }) => key === shown) ?? templates[0]} choice={choice} />
      </div>
      <Foot making={making} words={deedOf(chosen.size)} able={chosen.size > 0}>
        <button type="button" className="control" onClick={() => setChosen(new Set(all ? [] : templates.map(({ key }) => key)))}>
          {all ? 'Choose none' : 'Choose all'}
        </button>
      </Foot>
    </form>
  );
}

interface OptionProps {
  readonly template: Template;
  readonly on: boolean;
  readonly had: boolean;
  readonly onChoose: (on: boolean) => void;
  readonly onLook: () => void;
}

function Option({ template, on, had, onChoose, onLook }: OptionProps) {
  return (
    <label
      className="flex items-start gap-2 rounded-control px-2 py-1.5 hover:bg-hover has-[:focus-visible]:bg-hover"
      data-testid={`template-${template.key}`}
      onMouseEnter={onLook}
    >
      <input type="checkbox" className="mt-1 accent-accent" checked={on} onFocus={onLook} onChange={(event) => onChoose(event.target.checked)} />
      <span>
        <span className="block text-sm font-medium">{template.name}</span>
        <span className="block text-xs text-muted">{had ? 'You have a list of this name: a second one would be made.' : template.description}</span>
      </span>
    </label>
  );
}

function Preview({ template, choice }: { readonly template: Template | undefined; readonly choice: Choice }) {
  if (!template) return null;
  return (
    <section aria-label={`Columns of ${template.name}`} tabIndex={0} data-testid="template-preview" className="min-h-0 flex-1 overflow-y-auto rounded-panel border border-line">
      <table className="w-full text-sm">
        <caption className="px-3 py-2 text-left text-xs text-muted">
          {template.name}: {template.columns.length} columns, those marked * named as in the RESO Data Dictionary 2.0
        </caption>
        <tbody>
          {template.columns.map((column) => {
            const fate = fateOf(column, choice);
            return (
              <tr key={column.name} className="border-b border-line align-top last:border-0">
                <th scope="row" className={`px-3 py-1 text-left font-medium ${fate?.made === false ? 'text-muted line-through' : ''}`}>
                  {column.name}
                  {column.standard && <span title={column.standard}>*</span>}
                </th>
                <td className="px-3 py-1 text-muted">
                  {column.description} <span className="text-xs">({fate?.words ?? kindOf(column)})</span>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
