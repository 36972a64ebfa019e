// The in-memory accounts keep the same promises as the real ones.
import { accountDatabaseContract } from '../contracts/account-database.ts';
import { accountKeysContract } from '../contracts/account-keys.ts';
import { openMemoryAccounts } from './memory-accounts.ts';

const open = async (now: () => number) => ({ accounts: openMemoryAccounts(now), close: async () => {} });

accountDatabaseContract('memory', open);
accountKeysContract('memory', open);
