/* SPDX-License-Identifier: Apache-2.0
 *
 * load_plugin FILE ID: loads a plugin library as a daemon does and checks that it is the plugin ID of this major.
 * Linux only.
 */
#include <dlfcn.h>
#include <picket/plugin.h>
#include <stdio.h>

int main(int argc, char** argv) {
  void* library;
  picket_plugin_v1_fn entry;
  const picket_plugin_type* type;
  if (argc != 3) {
    fprintf(stderr, "usage: load_plugin FILE ID\n");
    return 64;
  }
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  entry = (picket_plugin_v1_fn)dlsym(library, PICKET_PLUGIN_SYMBOL);
  if (entry == NULL) {
    fprintf(stderr, "%s\n", dlerror());
    return 1;
  }
  type = entry();
  if (type == NULL || type->size < sizeof *type || type->abi_major != PICKET_ABI_MAJOR || type->create == NULL ||
      strcmp(type->id, argv[2]) != 0) {
    fprintf(stderr, "%s is no plugin '%s' of plugin ABI %u\n", argv[1], argv[2], PICKET_ABI_MAJOR);
    return 1;
  }
  printf("%s %s, built against plugin ABI %u.%u\n", type->id, type->version, type->abi_major, type->abi_minor);
  return 0;
}
