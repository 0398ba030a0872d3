# find_package(PicketSDK 1.0): the targets Picket::SDK and, where nlohmann-json is installed, Picket::Testing (a fake
# host for unit tests); the function picket_add_plugin.
include(${CMAKE_CURRENT_LIST_DIR}/PicketSDKTargets.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/PicketPlugin.cmake)

if(NOT TARGET Picket::Testing)
  find_package(nlohmann_json QUIET)
  find_package(Threads QUIET)
  if(nlohmann_json_FOUND AND Threads_FOUND)
    add_library(Picket::Testing INTERFACE IMPORTED)
    target_link_libraries(Picket::Testing INTERFACE Picket::SDK nlohmann_json::nlohmann_json Threads::Threads)
    set(PicketSDK_Testing_FOUND TRUE)
  endif()
endif()

foreach(component IN LISTS PicketSDK_FIND_COMPONENTS)
  if(component STREQUAL "Testing" AND NOT TARGET Picket::Testing)
    set(PicketSDK_NOT_FOUND_MESSAGE "the component Testing needs nlohmann-json (Debian: nlohmann-json3-dev)")
    set(PicketSDK_FOUND FALSE)
  elseif(NOT component STREQUAL "Testing")
    set(PicketSDK_NOT_FOUND_MESSAGE "PicketSDK has no component '${component}'; it has Testing")
    set(PicketSDK_FOUND FALSE)
  endif()
endforeach()
