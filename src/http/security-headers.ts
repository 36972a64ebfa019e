// What every answer says to the browser about what its page may do.
import type { RequestHandler } from 'express';
import helmet from 'helmet';
import { isSecure } from './client.ts';

// No inline code or style anywhere. `data:` is for the tiny placeholders, `blob:` for previews before an upload.
// upgrade-insecure-requests is left out, and HSTS is said below: on plain http in a home network they lock people out.
export function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        scriptSrcAttr: ["'none'"],
        styleSrc: ["'self'"],
        styleSrcAttr: ["'none'"],
        imgSrc: ["'self'", 'blob:', 'data:'],
        connectSrc: ["'self'"],
        workerSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        trustedTypes: ['sajin'],
      },
    },
    strictTransportSecurity: false,
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
}

// helmet knows neither: no page uses a sensor (but the shooting mode, which says so itself), and a private gallery is not for search engines.
// A browser that came by https is to come by https for a year: of this name alone, for what else lives below it is not ours to say.
export const privacyHeaders: RequestHandler = (request, response, next) => {
  if (isSecure(request)) response.set('Strict-Transport-Security', 'max-age=31536000');
  response.set({
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    'X-Robots-Tag': 'noindex',
  });
  next();
};
