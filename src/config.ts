// The only reader of the environment. Imports nothing of ours; reports every fault at once, each naming its variable.
import { isIP } from 'node:net';
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

const networks = hosts.refine((all) => all.every(isNetwork), {
  error: 'give addresses or networks, separated by commas, like 127.0.0.1,10.1.0.0/16',
});

/** Where a file may be had: its name is put behind it, so that nothing else may stand there; and it is written to the log. */
const webFolder = z.string().refine(isWebFolder, {
  error: 'give an http(s) address without user name, password, ? and #, like https://mirror.example/models',
});
/** `22-6`: from 22 o'clock until 6 in the morning. */
const hours = z
  .string()
  .regex(/^([01]?\d|2[0-3])-([01]?\d|2[0-3])$/, { error: 'give two hours from 0 to 23, like 22-6' })
  .transform((text) => {
    const [from = 0, to = 0] = text.split('-').map(Number);
    return { from, to };
  })
  .refine(({ from, to }) => from !== to, { error: 'give two different hours, or nothing for always' });

/** Long enough that nobody finds it by trying. */
const token = z.string().regex(/^[\w.~+/=-]{16,200}$/, {
  error: 'give 16 to 200 letters, digits and signs of . _ ~ + / = -, like `openssl rand -hex 32` makes',
});
const loopback = ['127.0.0.1', '::1', 'localhost'];

const schema = z.object({
  PORT: whole(0, 65_535).default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  ACCESS: oneOf(['local', 'members', 'public']).default('local'),
  ALLOWED_HOSTS: hosts.default([]),
  TRUSTED_PROXY: networks.default([]),
  UPLOADS_DIR: z.string().min(1).default('./uploads'),
  EXPECT_GALLERY: yes.default(false),
  DETECTOR: oneOf(['auto', 'yolox', 'coco-ssd', 'centernet', 'off']).default('auto'),
  MODEL_FILE: z.string().min(1).optional(),
  // Stands for everything before a file's own name: MODEL_MIRROR/yolox_nano.onnx; of a model with several files, one folder more:
  // MODEL_MIRROR/coco-ssd/model.json. Digests are compared all the same.
  MODEL_MIRROR: webFolder.optional(),
  OFFLINE: yes.default(false),
  MAX_UPLOAD_MB: whole(1, 4096).default(100),
  USER_QUOTA_GB: whole(1, 1_000_000).optional(),
  DARKROOM_CHILDREN: whole(1, 64).default(Math.min(2, availableParallelism())),
  DARKROOM_NICE: whole(0, 19).default(5),
  RERUN_HOURS: hours.optional(),
  METRICS_TOKEN: token.optional(),
  CLOSING_NOTICE_S: whole(0, 25).default(0),
  LOG_LEVEL: oneOf(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Who gets in: this machine alone; who has signed in; everybody to look, who has signed in for more. */
  readonly access: 'local' | 'members' | 'public';
  /** Names by which a browser may reach this gallery, beside addresses and those that `host` implies. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks of proxies: what they say about whom they ask for is believed. */
  readonly trustedProxies: readonly string[];
  /** Absolute; everything a gallery owns lives here. */
  readonly uploadsDir: string;
  /** There is a gallery there already: an empty folder is a disk that is not mounted. */
  readonly expectGallery: boolean;
  readonly detector: 'auto' | 'yolox' | 'coco-ssd' | 'centernet' | 'off';
  /** Absolute. */
  readonly modelFile?: string;
  /** Stands for everything before a file's own name when a model is fetched. */
  readonly modelMirror?: string;
  readonly offline: boolean;
  readonly maxUploadBytes: number;
  /** How much the originals of one member may have together; absent for no limit. Owners have none. */
  readonly userQuotaBytes?: number;
  readonly darkroomChildren: number;
  /** Priority of the processes that develop and look, 0..19, the larger the lower. */
  readonly darkroomNice: number;
  /** Hours of this machine's clock in which photos may be looked at again, `from` included, `to` not; absent for always. */
  readonly rerunHours?: { readonly from: number; readonly to: number };
  /** Opens /metrics to others than this machine. */
  readonly metricsToken?: string;
  /** How long /readyz says that the gallery is closing, before it takes no more connections. */
  readonly closingNoticeMs: number;
  readonly logLevel: z.infer<typeof schema>['LOG_LEVEL'];
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export const settingNames = Object.keys(schema.shape);

/** Not to be repeated in a message, which ends up in a log. */
const secretNames: readonly string[] = ['METRICS_TOKEN'] satisfies (keyof typeof schema.shape)[];

/** @throws ConfigError with one line a fault. An empty variable counts as not set. */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(
    settingNames.map((name) => [name, environment[name]?.trim() || undefined]),
  );
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `${String(path[0])}=${shown(String(path[0]), given)}: ${message}`,
    );
    throw new ConfigError(faults.join('\n'));
  }
  const { data } = parsed;
  if (data.ACCESS === 'local' && !loopback.includes(data.HOST)) {
    throw new ConfigError(
      `HOST=${data.HOST}: others could reach this gallery, and with ACCESS=local whoever does may do everything; set ACCESS=members (all must sign in) or ACCESS=public (all may look), or leave HOST out`,
    );
  }
  return {
    port: data.PORT,
    host: data.HOST,
    access: data.ACCESS,
    allowedHosts: data.ALLOWED_HOSTS,
    trustedProxies: data.TRUSTED_PROXY,
    uploadsDir: resolve(data.UPLOADS_DIR),
    expectGallery: data.EXPECT_GALLERY,
    detector: data.DETECTOR,
    ...(data.MODEL_FILE === undefined ? {} : { modelFile: resolve(data.MODEL_FILE) }),
    ...(data.MODEL_MIRROR === undefined ? {} : { modelMirror: data.MODEL_MIRROR }),
    offline: data.OFFLINE,
    maxUploadBytes: data.MAX_UPLOAD_MB * 1024 * 1024,
    ...(data.USER_QUOTA_GB === undefined ? {} : { userQuotaBytes: data.USER_QUOTA_GB * 1024 ** 3 }),
    darkroomChildren: data.DARKROOM_CHILDREN,
    darkroomNice: data.DARKROOM_NICE,
    ...(data.RERUN_HOURS === undefined ? {} : { rerunHours: data.RERUN_HOURS }),
    ...(data.METRICS_TOKEN === undefined ? {} : { metricsToken: data.METRICS_TOKEN }),
    closingNoticeMs: data.CLOSING_NOTICE_S * 1000,
    logLevel: data.LOG_LEVEL,
  };
}

/** `10.1.0.0/16` or one address. Not everybody: then anybody could say to be anybody. */
function isNetwork(text: string): boolean {
  const [, address = '', bits = '1'] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const mostBits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
  return Number(bits) >= 1 && Number(bits) <= mostBits;
}

const shown = (name: string, given: Readonly<Record<string, string | undefined>>) =>
  secretNames.includes(name) ? '…' : given[name];

function isWebFolder(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}
