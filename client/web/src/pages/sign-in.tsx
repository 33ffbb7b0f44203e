/** Signing in, and making an account. */

import { zodResolver } from '@hookform/resolvers/zod';
import { useQueryClient } from '@tanstack/react-query';
import { useForm } from 'react-hook-form';
import { Link } from 'react-router';
import { z } from 'zod';

import { register as makeAccount, signIn } from '../account/account.ts';
import { Problem } from '../api/http.ts';

// The page's policy forbids code made from text, which zod would otherwise probe for.
z.config({ jitless: true });

const PASSWORD_CHARACTERS_MIN = 10;

const EMAIL = z.email('This is no e-mail address.');
const SCHEMAS = {
  'sign-in': z.object({ name: z.string(), email: EMAIL, password: z.string().min(1, 'Type your password.') }),
  register: z.object({
    name: z.string().trim().min(1, 'Tell your colleagues who you are.'),
    email: EMAIL,
    password: z.string().min(PASSWORD_CHARACTERS_MIN, `A password has at least ${PASSWORD_CHARACTERS_MIN} characters.`),
  }),
};

type Kind = keyof typeof SCHEMAS;
type Fields = z.infer<(typeof SCHEMAS)[Kind]>;

const WORDS = {
  'sign-in': { title: 'Sign in to Rowhouse', submit: 'Sign in', other: 'Make an account', ask: 'New here?', to: '/register' },
  register: { title: 'Make an account', submit: 'Make the account', other: 'Sign in', ask: 'Have an account?', to: '/sign-in' },
} as const;

function sentence(error: unknown): string {
  if (error instanceof Problem) return error.message;
  return 'The server could not be reached. Check the connection and try again.';
}

export default function SignIn({ kind }: { readonly kind: Kind }) {
  const words = WORDS[kind];
  const queries = useQueryClient();
  const { register, handleSubmit, setError, formState } = useForm<Fields>({
    resolver: zodResolver(SCHEMAS[kind]),
    defaultValues: { name: '', email: '', password: '' },
  });
  const { errors, isSubmitting } = formState;

  async function submit({ name, email, password }: Fields): Promise<void> {
    try {
      queries.clear();
      await (kind === 'register' ? makeAccount(name, email, password) : signIn(email, password));
    } catch (error) {
      setError('root', { message: sentence(error) });
    }
  }

  const input = (field: keyof Fields, label: string, type: string, autoComplete: string) => (
    <label className="block">
      <span className="mb-1 block text-sm font-medium">{label}</span>
      <input
        {...register(field)}
        type={type}
        autoComplete={autoComplete}
        aria-invalid={errors[field] !== undefined}
        data-testid={`sign-in-${field}`}
        className="field"
      />
      {errors[field] && <span role="alert" className="mt-1 block text-xs text-danger">{errors[field].message}</span>}
    </label>
  );
  return (
    <main className="grid min-h-full place-items-center bg-panel p-4">
      <form noValidate onSubmit={(event) => void handleSubmit(submit)(event)} className="w-full max-w-[360px] space-y-4 rounded-panel border border-line bg-page p-6">
        <h1 className="text-xl font-semibold">{words.title}</h1>
        {kind === 'register' && input('name', 'Name', 'text', 'name')}
        {input('email', 'E-mail', 'email', 'username')}
        {input('password', 'Password', 'password', kind === 'register' ? 'new-password' : 'current-password')}
        {errors.root && <p role="alert" data-testid="sign-in-problem" className="text-sm text-danger">{errors.root.message}</p>}
        <button type="submit" disabled={isSubmitting} data-testid="sign-in-submit" className="control control-primary !h-9 w-full justify-center">
          {words.submit}
        </button>
        <p className="text-sm text-muted">
          {words.ask}{' '}
          <Link to={words.to} className="text-accent underline-offset-2 hover:underline">
            {words.other}
          </Link>
        </p>
      </form>
    </main>
  );
}
