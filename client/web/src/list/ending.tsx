/** What the page says when a session has ended: what happened, what to do, and the edits that are not in the list. */

import type { Ended, Link } from '@rowhouse/sdk';

import { KeptLists } from '../shell/save-word.tsx';
import { Notice } from '../shell/states.tsx';
import type { Kept } from './use-kept.ts';

interface EndingProps {
  readonly link: Link & { readonly kind: 'ended' };
  /** The list was on screen before. */
  readonly seen: boolean;
  /** Whom to ask for access, by name. */
  readonly ask: string;
  readonly kept: Kept;
  readonly onRetry: () => void;
  /** Leaves; the edits that this device keeps wait for the person. */
  readonly onLeave: () => void;
}

type Words = readonly [title: string, text: string];

/** What has happened, and what to do. */
export function endingWords(why: Ended, sentence: string, seen: boolean, ask: string): Words {
  switch (why) {
    case 'no_access':
      return ['You have no access to this list', seen ? `Ask ${ask} to give it back to you, then try again.` : `Ask ${ask} to add you.`];
    case 'gone':
      if (seen && sentence) return ['This list was deleted', `${capital(ask)} can restore it. Then try again.`];
      // Who is no member is not told whether a list exists.
      return seen
        ? ['You cannot open this list any more', `It was deleted, or you were removed from its workspace. Ask ${ask}, then try again.`]
        : ['This list does not exist', 'It was deleted, or it belongs to a workspace that you are not in. An admin can restore deleted lists.'];
    case 'quarantined':
      return ['This list could not be opened safely', 'The people who run this server have been told. Try again later; your other lists work.'];
    case 'too_many_refusals':
      return ['Editing is paused', `${sentence || 'Too many of your edits were refused.'} Wait a minute, then try again.`];
    case 'outdated':
      return ['This page is older than the server', 'Load it again to go on.'];
    case 'signed_out':
      return ['You have been signed out', 'Sign in again in another tab, then try again here.'];
    case 'other_person':
      return ['Somebody else is signed in in this browser', 'Nothing is sent under their name. Load the page again to go on as them.'];
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function Ending({ link, seen, ask, kept, onRetry, onLeave }: EndingProps) {
  const [title, text] = endingWords(link.why, link.sentence, seen, ask);
  const reloads = link.why === 'outdated' || link.why === 'other_person';
  const losing = kept.unsaved.length + kept.refused.length > 0;
  return (
    <div data-testid="ending" className="flex min-h-0 flex-1 flex-col overflow-y-auto p-4">
      <div className="m-auto flex w-full max-w-lg flex-col">
        <Notice
          alert
          title={title}
          action={
            <div className="flex gap-2">
              {link.why === 'signed_out' && (
                <a className="control control-primary" href="/sign-in" target="_blank" rel="noreferrer">
                  Sign in
                </a>
              )}
              <button type="button" className={link.why === 'signed_out' ? 'control bg-hover' : 'control control-primary'} onClick={reloads ? () => globalThis.location.reload() : onRetry}>
                {reloads ? 'Load again' : 'Try again'}
              </button>
              {link.why === 'signed_out' && (
                <button type="button" className="control" onClick={onLeave}>
                  Leave
                </button>
              )}
            </div>
          }
        >
          {text}
        </Notice>
        {losing && (
          <div className="flex flex-col rounded-panel border border-line">
            <KeptLists kept={kept} />
          </div>
        )}
      </div>
    </div>
  );
}
