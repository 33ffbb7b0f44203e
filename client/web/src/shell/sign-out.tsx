/** Signing out. Edits that are not saved stay on the device, or are forgotten: the person decides. */

import { AlertDialog, DropdownMenu } from 'radix-ui';
import { useContext, useState } from 'react';
import { toast } from 'sonner';

import { signOut } from '../account/account.ts';
import { OpenListsContext, useAtRisk } from '../list/use-session.ts';

interface SignOut {
  /** Whether the person has to decide first. */
  readonly asking: boolean;
  /** Signs out, or asks. */
  readonly begin: () => Promise<void>;
  readonly keep: () => Promise<void>;
  readonly discard: () => Promise<void>;
  readonly cancel: () => void;
}

export function useSignOut(person: string): SignOut {
  const lists = useContext(OpenListsContext);
  const [asking, setAsking] = useState(false);
  async function leave(then: () => unknown): Promise<void> {
    setAsking(false);
    try {
      await signOut();
    } catch {
      // Without the server the cookie stays good: the person must know that they are still signed in.
      return void toast('You are still signed in: Rowhouse does not answer. Try again in a moment.');
    }
    await then();
  }
  return {
    asking,
    begin: async () => ((await lists.hasUnsaved(person)) ? setAsking(true) : leave(() => lists.leaveAll())),
    keep: () => leave(() => lists.leaveAll()),
    discard: () => leave(() => lists.discard(person)),
    cancel: () => setAsking(false),
  };
}

export function SignOutItem({ signOut, className }: { readonly signOut: SignOut; readonly className: string }) {
  return (
    <DropdownMenu.Item data-testid="sign-out" className={className} onSelect={() => void signOut.begin()}>
      Sign out
    </DropdownMenu.Item>
  );
}

export function SignOutDialog({ signOut: { asking, keep, discard, cancel } }: { readonly signOut: SignOut }) {
  const losing = useAtRisk();
  return (
    <AlertDialog.Root open={asking} onOpenChange={(open) => !open && cancel()}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-50 bg-black/30" />
        <AlertDialog.Content className="float fixed top-1/2 left-1/2 z-50 flex w-[400px] max-w-[calc(100vw-32px)] -translate-x-1/2 -translate-y-1/2 flex-col gap-3 p-5">
          <AlertDialog.Title className="text-lg font-semibold">You have edits that are not saved</AlertDialog.Title>
          <AlertDialog.Description className="text-sm text-muted">
            Kept on this device, they are saved when you sign in here again. Discard them if you share this device and do not want them to stay on it.
            {losing && ' Those that were refused, and those that this device cannot keep, are lost either way: cancel to copy them.'}
          </AlertDialog.Description>
          <div className="mt-2 flex flex-wrap justify-end gap-2">
            <AlertDialog.Cancel className="control">Cancel</AlertDialog.Cancel>
            <button type="button" data-testid="sign-out-discard" className="control bg-hover text-danger" onClick={() => void discard()}>
              Discard and sign out
            </button>
            <button type="button" data-testid="sign-out-keep" className="control control-primary" onClick={() => void keep()}>
              Keep and sign out
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
