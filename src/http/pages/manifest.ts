// The name card by which a phone installs Sajin (W3C Web Application Manifest): names, icons, shortcuts, sharing.
import type { Assets } from '../assets.ts';
import { newPhotoPath, sharePath, shootPath } from '../links.ts';
import type { Speech } from '../words.ts';

// `--paper` of the light scheme (static/css/base.css) and the theme colour in views/layout.eta, in a notation every system reads.
const paper = '#fcf9f6';

export function manifestOf({ language, words }: Speech, assets: Pick<Assets, 'address'>): object {
  const { app, camera } = words;
  const icon = (name: string, size: number, purpose: 'any' | 'maskable') => ({
    src: assets.address(`icons/${name}-${size}.png`),
    sizes: `${size}x${size}`,
    type: 'image/png',
    purpose,
  });
  const shortcut = (name: string, url: string) => ({ name, url, icons: [icon('icon', 192, 'any')] });
  return {
    id: '/',
    name: 'Sajin 사진',
    short_name: words.appName,
    description: app.description,
    lang: language,
    dir: 'ltr',
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: paper,
    theme_color: paper,
    categories: ['photo'],
    icons: [
      icon('icon', 192, 'any'),
      icon('icon', 512, 'any'),
      icon('maskable', 192, 'maskable'),
      icon('maskable', 512, 'maskable'),
    ],
    shortcuts: [
      { ...shortcut(app.takePhoto, shootPath), description: camera.lead },
      shortcut(app.addPhotos, newPhotoPath),
    ],
    share_target: {
      action: sharePath,
      method: 'POST',
      enctype: 'multipart/form-data',
      params: { title: 'title', files: [{ name: 'photo', accept: ['image/*'] }] },
    },
  };
}
