// The part of libheif-js that heif.ts uses: the package describes its C interface, but not the module that is bundled with it.
declare module 'libheif-js/libheif-wasm/libheif-bundle.mjs' {
  /** Something in the memory of the module, to be released by the function of its name. */
  interface Handle {
    readonly delete?: never;
  }

  interface HeifError {
    readonly code: { readonly value: number };
    readonly message: string;
  }

  interface DecodedImage {
    readonly image: Handle;
    /** One channel for interleaved colours; `data` lies in the memory of the module and is gone with the image. */
    readonly channels: readonly {
      readonly width: number;
      readonly height: number;
      /** Bytes from one row to the next: 16 at least, and a multiple of it. */
      readonly stride: number;
      readonly data: Uint8Array;
    }[];
  }

  export interface LibHeif {
    readonly heif_colorspace: { readonly heif_colorspace_RGB: unknown };
    readonly heif_chroma: {
      readonly heif_chroma_interleaved_RGB: unknown;
      readonly heif_chroma_interleaved_RGBA: unknown;
    };
    heif_context_alloc(): Handle;
    heif_context_read_from_memory(context: Handle, file: Uint8Array): HeifError;
    heif_js_context_get_primary_image_handle(context: Handle): Handle | HeifError;
    heif_image_handle_get_width(image: Handle): number;
    heif_image_handle_get_height(image: Handle): number;
    heif_image_handle_has_alpha_channel(image: Handle): number;
    heif_image_handle_is_premultiplied_alpha(image: Handle): number;
    heif_js_decode_image2(image: Handle, colourSpace: unknown, chroma: unknown): DecodedImage | HeifError;
  }

  export default function openLibHeif(): Promise<LibHeif>;
}
