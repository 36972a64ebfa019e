// The only reader of the environment. Imports nothing of ours; reports every fault at once, each naming its variable.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

/** A whole number, or a sentence that says which. */
const whole = (from: number, to: number) => {
  const error = `give a whole number from ${from} to ${to}`;
  return z.coerce.number({ error }).int({ error }).min(from, { error }).max(to, { error });
};
/** One of these words, or a sentence that lists them. */
const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `give one of ${words.join(', ')}` });
const yes = oneOf(['0', '1', 'false', 'true', 'no', 'yes']).transform(
  (word) => word === '1' || word === 'true' || word === 'yes',
);
const hosts = z.string().transform((text) =>
  text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== ''),
);

const schema = z.object({
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  ALLOWED_HOSTS: hosts.default([]),
  UPLOADS_DIR: z.string().min(1).default('./uploads'),
  DETECTOR: oneOf(['auto', 'yolox', 'centernet', 'off']).default('auto'),
  MODEL_FILE: z.string().min(1).optional(),
  OFFLINE: yes.default(false),
  MAX_UPLOAD_MB: whole(1, 4096).default(100),
  DARKROOM_CHILDREN: whole(1, 64).default(Math.min(2, availableParallelism())),
  LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Names by which a browser may reach this gallery, beside addresses and those that `host` implies. */
  readonly allowedHosts: readonly string[];
  /** Absolute; everything a gallery owns lives here. */
  readonly uploadsDir: string;
  readonly detector: 'auto' | 'yolox' | 'centernet' | 'off';
  /** Absolute. */
  readonly modelFile?: string;
  readonly offline: boolean;
  readonly maxUploadBytes: number;
  readonly darkroomChildren: number;
  readonly logLevel: z.infer<typeof schema>['LOG_LEVEL'];
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export const settingNames = Object.keys(schema.shape);

/** @throws ConfigError with one line a fault. An empty variable counts as not set. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    settingNames.map((name) => [name, environment[name]?.trim() || undefined]),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${String(path[0])}=${given[String(path[0])]}: ${message}`,
    );
    throw new ConfigError(faults.join('\n'));
  }
  const { data } = parsed;
  return {
    port: data.PORT,
    host: data.HOST,
    allowedHosts: data.ALLOWED_HOSTS,
    uploadsDir: resolve(data.UPLOADS_DIR),
    detector: data.DETECTOR,
    ...(data.MODEL_FILE === undefined ? {} : { modelFile: resolve(data.MODEL_FILE) }),
    offline: data.OFFLINE,
    maxUploadBytes: data.MAX_UPLOAD_MB * 1024 * 1024,
    darkroomChildren: data.DARKROOM_CHILDREN,
    logLevel: data.LOG_LEVEL,
  };
}
