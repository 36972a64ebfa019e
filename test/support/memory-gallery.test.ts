// The in-memory twins keep the same promises as the real backends.
import { jobQueueContract } from '../contracts/job-queue.ts';
import { mediaStoreContract } from '../contracts/media-store.ts';
import { photoDatabaseContract } from '../contracts/photo-database.ts';
import { openMemoryGallery } from './memory-gallery.ts';
import { openMemoryMedia } from './memory-media.ts';

const open = async (now: () => number) => ({ ...openMemoryGallery(now), close: async () => {} });

photoDatabaseContract('memory', open);
jobQueueContract('memory', open);
mediaStoreContract('memory', async () => openMemoryMedia());
