# What an installation has beside the SDK: `cmake --install BUILD --component picket`. The manual and the completions are
# made by the program itself, at that moment.
include(GNUInstallDirs)
get_property(shipped GLOBAL PROPERTY PICKET_SHIPPED_PLUGINS)

install(TARGETS picket RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT picket)
# Where the program looks, whatever the system calls its directory of libraries.
install(TARGETS ${shipped} LIBRARY DESTINATION lib/picket/plugins COMPONENT picket)
install(FILES config/picket.yaml config/picket.schema.json
  DESTINATION ${CMAKE_INSTALL_SYSCONFDIR}/picket COMPONENT picket)
# The examples name the schema beside their folder.
install(FILES config/picket.schema.json DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT picket)
install(DIRECTORY config/examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT picket)
install(FILES LICENSE README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT picket)

# The settings of the shipped plugins only, whatever else is in the folder.
set(only_shipped --plugin-path ${CMAKE_BINARY_DIR}/plugins)
foreach(plugin IN LISTS shipped)
  list(APPEND only_shipped --plugin ${plugin})
endforeach()

if(NOT CMAKE_CROSSCOMPILING)
  # config/picket.schema.json anew; a test compares it.
  add_custom_target(picket_schema_file
    COMMAND picket schema ${only_shipped} > ${PROJECT_SOURCE_DIR}/config/picket.schema.json
    DEPENDS ${shipped} VERBATIM)

  install(FILES packaging/systemd/picket.service DESTINATION lib/systemd/system COMPONENT picket)
  # `journalctl --update-catalog` makes it known; a package does that after it has been installed.
  install(FILES packaging/systemd/picket.catalog DESTINATION lib/systemd/catalog COMPONENT picket)
  set(documents ${CMAKE_BINARY_DIR}/documents)
  list(JOIN only_shipped "\" \"" only_shipped)
  install(CODE "
    file(REMOVE_RECURSE \"${documents}\")
    file(MAKE_DIRECTORY \"${documents}\")
    execute_process(COMMAND \"$<TARGET_FILE:picket>\" man \"${documents}/man\" \"${only_shipped}\"
      OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
    foreach(shell bash fish zsh)
      execute_process(COMMAND \"$<TARGET_FILE:picket>\" completion \${shell}
        OUTPUT_FILE \"${documents}/picket.\${shell}\" COMMAND_ERROR_IS_FATAL ANY)
    endforeach()" COMPONENT picket)
  install(DIRECTORY ${documents}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT picket)
  install(FILES ${documents}/picket.bash RENAME picket
    DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions COMPONENT picket)
  install(FILES ${documents}/picket.fish
    DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d COMPONENT picket)
  install(FILES ${documents}/picket.zsh RENAME _picket
    DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/site-functions COMPONENT picket)
endif()
