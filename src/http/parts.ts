// What the browser's room is given by assemble.ts: the gallery, what it may read from directly, and its own settings.
import type { AccountDatabase } from '../gallery/account-database.ts';
import type { Copies } from '../gallery/bare/copies.ts';
import type { Gallery } from '../gallery/gallery.ts';
import type { LinkDatabase } from '../gallery/link-database.ts';
import type { Membership } from '../gallery/membership.ts';
import type { PhotoDatabase } from '../gallery/photo-database.ts';
import type {
  Darkroom,
  EventHub,
  Inbox,
  MediaStore,
  ModelShelf,
  UnfinishedUploads,
} from '../gallery/ports.ts';
import type { RerunDatabase } from '../gallery/rerun-database.ts';
import type { Sharing } from '../gallery/sharing.ts';
import type { DatabaseHealth, VerificationDatabase } from '../gallery/verification-database.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { SignInLimit } from '../security/sign-in-limit.ts';
import type { AccessMode } from './access.ts';
import type { Assets } from './assets.ts';
import type { Offline } from './offline.ts';
import type { Slots } from './slots.ts';
import type { TusStore } from './tus.ts';
import type { Views } from './views.ts';
import type { Speeches } from './words.ts';

export interface HttpParts {
  readonly gallery: Gallery;
  readonly photos: PhotoDatabase;
  readonly reruns: Pick<RerunDatabase, 'findRerun' | 'listReruns' | 'listRerunPhotos'>;
  readonly verification: Pick<
    VerificationDatabase,
    'listDamaged' | 'listStrays' | 'findCheck' | 'findOriginal'
  >;
  readonly models: ModelShelf;
  /** For telling people; set in the environment. */
  readonly settings: DetectionSettings;
  readonly media: MediaStore;
  /** Of originals, without what was written around their picture. */
  readonly copies: Copies;
  readonly inbox: Inbox;
  /** Uploads that go on where they were cut off. */
  readonly unfinished: UnfinishedUploads & TusStore;
  /** How many bodies may come in at once. */
  readonly uploadSlots: Slots;
  readonly darkroom: Pick<Darkroom, 'status'>;
  readonly events: EventHub;
  readonly views: Views;
  readonly speeches: Speeches;
  readonly staticFolder: string;
  readonly assets: Assets;
  readonly offline: () => Offline;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Opens the metrics to others than this machine; absent for nobody else. */
  readonly metricsToken?: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly maxUploadBytes: number;
  /** How long a body may take to come that is no upload; 30 s unless told. */
  readonly bodyMs?: number;
  /** Beside addresses and localhost. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks; nobody if empty. */
  readonly trustedProxies: readonly string[];
  /** Aborted from the moment the program was told to stop. */
  readonly closing: AbortSignal;
  readonly health: DatabaseHealth;
  /** Aborted from the moment the disk failed to keep what was written, or the database was found damaged: then one may only look. */
  readonly readOnly: AbortSignal;
  readonly access: AccessMode;
  readonly sharing: Sharing;
  readonly links: Pick<
    LinkDatabase,
    | 'listLinks'
    | 'listGivable'
    | 'findGivable'
    | 'countVisit'
    | 'listGiven'
    | 'findGivenBeside'
    | 'listSenders'
  >;
  /** Tries at passwords of links. */
  readonly linkTries: SignInLimit;
  readonly accounts: AccountDatabase;
  readonly membership: Membership;
  /** Other machines reach this one under all its addresses. */
  readonly isEverywhere: boolean;
}

/** What the environment says about looking at photos. */
export interface DetectionSettings {
  readonly detector: 'auto' | 'yolox' | 'coco-ssd' | 'centernet' | 'off';
  /** The model's file name, when MODEL_FILE decides. */
  readonly modelFile?: string;
  readonly offline: boolean;
  readonly children: number;
  readonly nice: number;
  /** Local clock, whole hours, `from` up to but not including `to`; absent for always. */
  readonly rerunHours?: { readonly from: number; readonly to: number };
}
