# What `cmake --install` lays down, and the Debian package that cpack makes of it: cpack --config build/CPackConfig.cmake -B DIRECTORY
# Under the prefix but for /etc, which the unit names as well as /usr/bin: the preset `release` has the prefix /usr, DESTDIR moves all of it.
include(GNUInstallDirs)

set(deploy ${CMAKE_CURRENT_LIST_DIR})
set(documents ${CMAKE_INSTALL_DATADIR}/doc/summary-gateway)
install(TARGETS summary-gateway RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${PROJECT_SOURCE_DIR}/config/gateway.yaml DESTINATION /etc/summary-gateway)
install(FILES ${PROJECT_SOURCE_DIR}/config/gateway.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/summary-gateway)
# Secrets for the unit's LoadCredential=: empty, and nobody's but root's.
install(DIRECTORY DESTINATION /etc/summary-gateway/secrets DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(FILES ${deploy}/logrotate/summary-gateway DESTINATION /etc/logrotate.d)
install(FILES ${deploy}/systemd/summary-gateway.service ${deploy}/systemd/summary-gateway.socket DESTINATION lib/systemd/system)
install(FILES ${deploy}/systemd/summary-gateway.sysusers DESTINATION lib/sysusers.d RENAME summary-gateway.conf)
install(FILES ${deploy}/completion/summary-gateway.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME summary-gateway)
install(FILES ${deploy}/completion/summary-gateway.zsh DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _summary-gateway)
# The pages and what they name, as they lie beside each other in the repository, so that their links hold. The page for contributors stays there.
install(FILES ${deploy}/README.md ${deploy}/compose.yaml DESTINATION ${documents})
install(DIRECTORY ${deploy}/docs ${deploy}/prometheus ${deploy}/grafana ${deploy}/kubernetes ${deploy}/compose DESTINATION ${documents}
        PATTERN contributing.md EXCLUDE PATTERN admin.token EXCLUDE)
install(FILES ${deploy}/debian/copyright DESTINATION ${documents})
install(FILES ${deploy}/debian/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME summary-gateway)

# Debian wants these compressed, without a time stamp, so that two builds of one source are equal.
function(install_compressed file folder name)
  set(packed ${CMAKE_CURRENT_BINARY_DIR}/deploy/${name}.gz)
  add_custom_command(OUTPUT ${packed} COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_CURRENT_BINARY_DIR}/deploy
                     COMMAND gzip -9n < ${file} > ${packed} DEPENDS ${file} VERBATIM)
  set_property(GLOBAL APPEND PROPERTY gateway_packed_files ${packed})
  install(FILES ${packed} DESTINATION ${folder})
endfunction()
install_compressed(${deploy}/man/summary-gateway.1 ${CMAKE_INSTALL_MANDIR}/man1 summary-gateway.1)
install_compressed(${deploy}/man/gateway.yaml.5 ${CMAKE_INSTALL_MANDIR}/man5 gateway.yaml.5)
install_compressed(${deploy}/CHANGELOG.md ${documents} changelog)
install_compressed(${deploy}/debian/changelog ${documents} changelog.Debian)
get_property(packed_files GLOBAL PROPERTY gateway_packed_files)
# With the program they are all that an installation needs: it waits for neither tests nor benches.
add_custom_target(package-parts DEPENDS ${packed_files} summary-gateway)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  return() # what the unit starts would not be there
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME summary-gateway)
set(CPACK_PACKAGE_CONTACT "The summary-gateway maintainers <maintainers@summary-gateway.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "caching reverse proxy for Twilio Voice Insights Call Summaries")
set(CPACK_PACKAGE_DESCRIPTION
"Complete call summaries are answered from memory, pollers of unfinished ones
share one upstream call, a crowd of readers costs one, and the account's limit
of concurrent requests is learnt and kept. Nobody sees a summary that Twilio
would not have shown to them.
.
It speaks HTTP and TLS to clients, has a live dashboard, Prometheus metrics and
an access log, and runs as a sandboxed service of systemd.")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON) # otherwise what goes to /etc would go to this machine's
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Packages of two releases differ in what they depend on, and the newer release's is the newer one: 1~deb12 < 1~deb13.
cmake_host_system_information(RESULT built_on QUERY DISTRIB_ID DISTRIB_VERSION_ID)
list(TRANSFORM built_on REPLACE "^debian$" "deb")
list(JOIN built_on "" built_on)
set(CPACK_DEBIAN_PACKAGE_RELEASE "1~${built_on}")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The user is made by systemd-sysusers; the scripts that enable and start a service ask its helpers.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, init-system-helpers (>= 1.54), systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "logrotate, prometheus")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
    ${deploy}/debian/conffiles ${deploy}/debian/postinst ${deploy}/debian/prerm ${deploy}/debian/postrm)
include(CPack)
