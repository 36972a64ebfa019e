// 링크로 나누는 말: 보여 주는 링크와 받는 링크. ko.ts의 일부.
import type { enLinkErrors } from './en-links.ts';

export const koLinkErrors: typeof enLinkErrors = {
  'no-link': '여기에는 없는 링크예요. 주소를 다 복사했는지 보거나, 링크를 다시 받아 주세요.',
  'link-over': '기한이 지났거나 거두어들인 링크예요. 링크를 준 사람에게 새 링크를 부탁해 주세요.',
  'link-full': '이 링크로 받을 수 있는 사진이 다 찼어요. 링크를 준 사람에게 새 링크를 부탁해 주세요.',
  'link-locked': '비밀번호가 있는 사진이에요. 링크를 열고 비밀번호를 넣어 주세요.',
  'wrong-password': '비밀번호가 맞지 않아요. 확인하고 다시 넣어 주세요.',
  'too-many-tries': '너무 여러 번 시도했어요. 몇 분 뒤에 다시 해 주세요.',
};
