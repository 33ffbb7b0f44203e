/** Importing a file, step by step: choose it, say where its columns go, watch it, see what came of it. */

import { type Action, type Role, allows } from '@rowhouse/sdk';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useNavigate, useParams } from 'react-router';

import type { Person } from '../account/account.ts';
import { sentenceOf } from '../api/http.ts';
import type { Import } from '../api/imports.ts';
import { listQuery, workspacesQuery } from '../api/queries.ts';
import { ChooseFile } from '../importing/choose-file.tsx';
import { isUnderWay } from '../importing/follow.ts';
import { ImportFrame, StepBody } from '../importing/import-frame.tsx';
import { MappingStep } from '../importing/mapping-step.tsx';
import { ProgressStep } from '../importing/progress-step.tsx';
import { ResultStep } from '../importing/result-step.tsx';
import { takeImport, useImport } from '../importing/use-import.ts';
import { useWhomToAsk } from '../list/whom-to-ask.ts';
import { Notice } from '../shell/states.tsx';

interface PageProps {
  readonly person: Person;
}

/** `/lists/:listId/import`, `/workspaces/:workspaceId/import`, `/imports/:importId`. */
export default function ImportPage({ person }: PageProps) {
  const { listId, workspaceId, importId } = useParams();
  if (importId) return <OneImport key={importId} id={importId} person={person} />;
  if (listId) return <IntoList key={listId} listId={listId} person={person} />;
  return <NewList key={workspaceId} workspaceId={workspaceId ?? ''} person={person} />;
}

/** `role` is `undefined` in a workspace of which the person is no member. */
function may(role: Role | undefined, action: Action): boolean {
  return role !== undefined && allows(role, action);
}

function useGoOn(): (job: Import) => void {
  const navigate = useNavigate();
  const queries = useQueryClient();
  return (job) => {
    takeImport(queries, job);
    void navigate(`/imports/${job.id}`);
  };
}

function IntoList({ listId, person }: PageProps & { readonly listId: string }) {
  const list = useQuery(listQuery(listId));
  const workspaces = useQuery(workspacesQuery);
  const goOn = useGoOn();
  const workspaceId = list.data?.workspace_id ?? '';
  const role = workspaces.data?.find(({ id }) => id === workspaceId)?.role;
  return (
    <ImportFrame person={person} workspaceId={workspaceId} title={`Import into ${list.data?.name ?? 'a list'}`} step={0} back={`/lists/${listId}`}>
      <Gate error={list.error ?? workspaces.error} open={list.data && workspaces.data && may(role, 'import')} workspaceId={workspaceId} person={person}>
        <StepBody>
          <ChooseFile to={{ list: listId }} onUploaded={goOn} />
        </StepBody>
      </Gate>
    </ImportFrame>
  );
}

function NewList({ workspaceId, person }: PageProps & { readonly workspaceId: string }) {
  const { data, error } = useQuery(workspacesQuery);
  const goOn = useGoOn();
  const role = data?.find(({ id }) => id === workspaceId)?.role;
  return (
    <ImportFrame person={person} workspaceId={workspaceId} title="New list from a file" step={0} back={`/workspaces/${workspaceId}`}>
      <Gate error={error} open={data && may(role, 'lists.manage')} workspaceId={workspaceId} person={person}>
        <StepBody>
          <ChooseFile to={{ workspace: workspaceId }} onUploaded={goOn} />
        </StepBody>
      </Gate>
    </ImportFrame>
  );
}

function OneImport({ id, person }: PageProps & { readonly id: string }) {
  const { data, error } = useImport(id);
  const job = data?.job;
  const list = useQuery({ ...listQuery(job?.list_id ?? ''), enabled: Boolean(job?.list_id) });
  const workspaces = useQuery(workspacesQuery);
  const role = workspaces.data?.find((each) => each.id === job?.workspace_id)?.role;
  const workspaceId = job?.workspace_id ?? '';
  const back = !job ? '/' : job.list_id ? `/lists/${job.list_id}` : `/workspaces/${workspaceId}`;
  const step = job && job.state !== 'uploaded' ? 2 : 1;
  const title = !job ? 'Import' : `Import ${job.filename} into ${job.list_id ? (list.data?.name ?? 'a list') : 'a new list'}`;
  return (
    <ImportFrame person={person} workspaceId={workspaceId} title={title} step={step} back={back}>
      <Gate error={job ? null : (error ?? workspaces.error)} open={job && workspaces.data && may(role, 'import')} workspaceId={workspaceId} person={person}>
        {job && role && job.state === 'uploaded' && <MappingStep job={job} role={role} person={person} />}
        {job && isUnderWay(job) && <ProgressStep job={job} reached={data.reached && !error} />}
        {job && job.state !== 'uploaded' && !isUnderWay(job) && <ResultStep job={job} person={person} />}
      </Gate>
    </ImportFrame>
  );
}

interface GateProps extends PageProps {
  readonly error: Error | null;
  /** `undefined` while that is not known. */
  readonly open: boolean | undefined;
  readonly workspaceId: string;
  readonly children: ReactNode;
}

/** The step, or why there is none. */
function Gate({ error, open, workspaceId, person, children }: GateProps) {
  const ask = useWhomToAsk(workspaceId, person.id);
  if (error) {
    return (
      <Notice alert title="The import could not be opened">
        {sentenceOf(error)}
      </Notice>
    );
  }
  if (open === undefined) return <p className="appear p-6 text-sm text-muted">Loading…</p>;
  if (!open) return <Notice title="You may not import here">Ask {ask} for a role that may.</Notice>;
  return children;
}
