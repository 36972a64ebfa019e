// The in-memory twins keep the same promises as the real backends.
import { correctionsContract } from '../contracts/corrections.ts';
import { jobQueueContract } from '../contracts/job-queue.ts';
import { linksContract } from '../contracts/links.ts';
import { mediaStoreContract } from '../contracts/media-store.ts';
import { photoDatabaseContract } from '../contracts/photo-database.ts';
import { rerunsContract } from '../contracts/reruns.ts';
import { sidecarsContract } from '../contracts/sidecars.ts';
import { verificationContract } from '../contracts/verification.ts';
import { visibilityContract } from '../contracts/visibility.ts';
import { openMemoryGallery } from './memory-gallery.ts';
import { openMemoryMedia } from './memory-media.ts';

const open = async (now: () => number) => ({ ...openMemoryGallery(now), close: async () => {} });

photoDatabaseContract('memory', open);
correctionsContract('memory', open);
jobQueueContract('memory', open);
rerunsContract('memory', open);
sidecarsContract('memory', open);
verificationContract('memory', open);
visibilityContract('memory', open);
linksContract('memory', open);
mediaStoreContract('memory', async () => openMemoryMedia());
