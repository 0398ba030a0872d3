# picket_add_plugin(NAME SOURCES file... [LIBRARIES target...])
#
# Builds one Picket plugin: a module named lib<NAME>.so (<NAME>.dll on Windows) that exports picket_plugin_v1 and
# nothing else, whatever the libraries behind it define. The global property PICKET_PLUGINS lists all of them.
set(PICKET_PLUGIN_CMAKE_DIR ${CMAKE_CURRENT_LIST_DIR} CACHE INTERNAL "")

function(picket_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_library(${name} MODULE ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE Picket::SDK ${arg_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY PICKET_PLUGINS ${name})
  set_target_properties(${name} PROPERTIES
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  if(WIN32)
    set_target_properties(${name} PROPERTIES PREFIX "")
    target_sources(${name} PRIVATE ${PICKET_PLUGIN_CMAKE_DIR}/plugin-exports.def)
    target_link_options(${name} PRIVATE -static -static-libgcc -static-libstdc++)
  else()
    # -z defs: a symbol that nobody defines is an error here, not in the operator's log.
    target_link_options(${name} PRIVATE
      LINKER:--version-script=${PICKET_PLUGIN_CMAKE_DIR}/plugin-exports.map LINKER:-z,now LINKER:--exclude-libs,ALL)
    if(NOT PICKET_SANITIZE)
      target_link_options(${name} PRIVATE LINKER:-z,defs)
    endif()
  endif()
endfunction()
