# Does what a plugin author does: installs the SDK somewhere, copies the template to an empty folder, builds it there,
# and runs its tests. Then loads the result as a daemon would.
#
#   cmake -DBUILD=<build folder> -DTEMPLATE=<sdk/template> -DFOLDER=<scratch> -DCOMPILER=<c++> -DLOADER=<load_plugin>
#     -DPREFIX_PATH=<where GoogleTest and nlohmann-json are> -P template_test.cmake
foreach(name BUILD TEMPLATE FOLDER COMPILER LOADER)
  if(NOT ${name})
    message(FATAL_ERROR "template_test.cmake needs -D${name}=...")
  endif()
endforeach()

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${FOLDER}/prefix)
file(COPY ${TEMPLATE}/ DESTINATION ${FOLDER}/plugin)

# The installed SDK is found first, and must be the one that is used.
run(${CMAKE_COMMAND} -S ${FOLDER}/plugin -B ${FOLDER}/build -G Ninja -DCMAKE_BUILD_TYPE=Debug
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_PREFIX_PATH=${FOLDER}/prefix\;${PREFIX_PATH})
file(STRINGS ${FOLDER}/build/CMakeCache.txt found REGEX "^PicketSDK_DIR:PATH=${FOLDER}/prefix/")
if(NOT found)
  message(FATAL_ERROR "the template was configured with another SDK than the installed one")
endif()
run(${CMAKE_COMMAND} --build ${FOLDER}/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${FOLDER}/build --output-on-failure --no-tests=error)
run(${LOADER} ${FOLDER}/build/plugins/libevent_tally.so event_tally)

# From the build tree, without an installation; the plugin alone, as an author without GoogleTest builds it.
run(${CMAKE_COMMAND} -S ${FOLDER}/plugin -B ${FOLDER}/build2 -G Ninja -DCMAKE_BUILD_TYPE=Debug
  -DCMAKE_CXX_COMPILER=${COMPILER} -DPicketSDK_DIR=${BUILD}/sdk -DEVENT_TALLY_TESTS=OFF)
run(${CMAKE_COMMAND} --build ${FOLDER}/build2)
run(${LOADER} ${FOLDER}/build2/plugins/libevent_tally.so event_tally)
