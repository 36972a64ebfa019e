// The only reader of the environment. Imports nothing of ours; reports every fault at once, each naming its variable.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';

const port = z.coerce.number().int().min(0).max(65535);
const yes = z
  .enum(['0', '1', 'false', 'true', 'no', 'yes'])
  .transform((word) => word === '1' || word === 'true' || word === 'yes');
const hosts = z.string().transform((text) =>
  text
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== ''),
);

const schema = z.object({
  PORT: port.default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  ALLOWED_HOSTS: hosts.default([]),
  UPLOADS_DIR: z.string().min(1).default('./uploads'),
  DETECTOR: z.enum(['auto', 'yolox', 'centernet', 'off']).default('auto'),
  MODEL_FILE: z.string().min(1).optional(),
  OFFLINE: yes.default(false),
  MAX_UPLOAD_MB: z.coerce.number().int().min(1).max(4096).default(100),
  DARKROOM_CHILDREN: z.coerce.number().int().min(1).max(64).default(Math.min(2, availableParallelism())),
  LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
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
