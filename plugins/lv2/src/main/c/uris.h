/* The names that the plugin and its host speak in. */
#ifndef MAMBA_URIS_H
#define MAMBA_URIS_H

#include <lv2/atom/forge.h>
#include <lv2/buf-size/buf-size.h>
#include <lv2/patch/patch.h>
#include <lv2/urid/urid.h>

#define URI_PREFIX "urn:mambaaudio:lv2:"
#define URI_MONO URI_PREFIX "transcriber-mono"
#define URI_STEREO URI_PREFIX "transcriber-stereo"
#define URI_TEXT URI_PREFIX "text"
#define URI_PARTIAL URI_PREFIX "partial"
#define URI_FILE URI_PREFIX "file"

typedef struct {
  LV2_URID patch_Set;
  LV2_URID patch_Get;
  LV2_URID patch_property;
  LV2_URID patch_value;
  LV2_URID max_block_length;
  LV2_URID integer;
  LV2_URID text;
  LV2_URID partial;
  LV2_URID file;
} Uris;

static inline void uris_map(Uris *uris, LV2_URID_Map *map) {
  uris->patch_Set = map->map(map->handle, LV2_PATCH__Set);
  uris->patch_Get = map->map(map->handle, LV2_PATCH__Get);
  uris->patch_property = map->map(map->handle, LV2_PATCH__property);
  uris->patch_value = map->map(map->handle, LV2_PATCH__value);
  uris->max_block_length = map->map(map->handle, LV2_BUF_SIZE__maxBlockLength);
  uris->integer = map->map(map->handle, LV2_ATOM__Int);
  uris->text = map->map(map->handle, URI_TEXT);
  uris->partial = map->map(map->handle, URI_PARTIAL);
  uris->file = map->map(map->handle, URI_FILE);
}

#endif
