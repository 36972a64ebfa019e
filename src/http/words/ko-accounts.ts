// Korean for what may go wrong with accounts, in 해요체. Part of ko.ts; same keys as English.
import type { enAccountErrors } from './en-accounts.ts';

export const koAccountErrors: typeof enAccountErrors = {
  'bad-user-name': (limit) => `이름은 1자에서 ${limit}자까지예요. 다른 이름을 적어 주세요.`,
  'name-taken': '이미 누가 쓰고 있는 이름이에요. 다른 이름을 골라 주세요.',
  'last-owner': '갤러리에 한 명뿐인 주인이에요. 먼저 다른 사람을 주인으로 정해 주세요.',
  'already-set-up': '이미 준비를 마친 갤러리예요. 주인에게 초대해 달라고 해 주세요.',
  'grant-over': '기한이 지났거나 이미 쓴 링크나 코드예요. 새로 받아 주세요.',
  'passkey-taken': '이미 등록된 패스키예요. 다른 패스키를 골라 주세요.',
  'password-too-short': '비밀번호는 12자 이상이어야 해요. 서로 관계없는 낱말 서너 개를 이어 보세요.',
  'password-too-long': '비밀번호는 128자까지예요. 더 짧은 것으로 정해 주세요.',
  'password-too-common':
    '많은 사람이 쓰는 비밀번호라 금방 알아낼 수 있어요. 서로 관계없는 낱말 서너 개를 이어 보세요.',
  'password-like-name': '비밀번호가 이름과 너무 비슷해요. 서로 관계없는 낱말 서너 개를 이어 보세요.',
};
