// The languages that Sajin speaks; the first is what a reader gets whose browser asks for neither.
export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];
