# What `cmake --install` lays down, and the Debian packages that cpack makes: cpack --config build/CPackConfig.cmake -B DIRECTORY
# Two components, two packages: summary-gateway and twilio-simulator. `cmake --install` lays down the gateway alone, unless a component is named.
# Under the prefix but for /etc, which the unit names as well as /usr/bin: the preset `release` has the prefix /usr, DESTDIR moves all of it.
include(GNUInstallDirs)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME gateway)
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
  set(packed ${CMAKE_CURRENT_BINARY_DIR}/deploy/${folder}/${name}.gz)
  cmake_path(GET packed PARENT_PATH beside)
  add_custom_command(OUTPUT ${packed} COMMAND ${CMAKE_COMMAND} -E make_directory ${beside}
                     COMMAND gzip -9n < ${file} > ${packed} DEPENDS ${file} VERBATIM)
  set_property(GLOBAL APPEND PROPERTY gateway_packed_files ${packed})
  install(FILES ${packed} DESTINATION ${folder} ${ARGN})
endfunction()
install_compressed(${deploy}/man/summary-gateway.1 ${CMAKE_INSTALL_MANDIR}/man1 summary-gateway.1)
install_compressed(${deploy}/man/gateway.yaml.5 ${CMAKE_INSTALL_MANDIR}/man5 gateway.yaml.5)
install_compressed(${deploy}/CHANGELOG.md ${documents} changelog)
install_compressed(${deploy}/debian/changelog ${documents} changelog.Debian)
set(packaged gateway)
set(programs summary-gateway)

# The simulator: a program, its manual and its pages. No service, for each test run starts its own.
if(TARGET twilio-simulator)
  set(of_simulator COMPONENT simulator EXCLUDE_FROM_ALL)
  set(pages ${CMAKE_INSTALL_DATADIR}/doc/twilio-simulator)
  install(TARGETS twilio-simulator RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} ${of_simulator})
  install(FILES ${PROJECT_SOURCE_DIR}/tests/simulator/README.md ${deploy}/docs/simulator.md ${deploy}/debian/copyright DESTINATION ${pages} ${of_simulator})
  install(FILES ${deploy}/debian/simulator.lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME twilio-simulator ${of_simulator})
  install_compressed(${deploy}/man/twilio-simulator.1 ${CMAKE_INSTALL_MANDIR}/man1 twilio-simulator.1 ${of_simulator})
  install_compressed(${deploy}/CHANGELOG.md ${pages} changelog ${of_simulator})
  # Both have one version, and so one history.
  file(READ ${deploy}/debian/changelog history)
  string(REPLACE "summary-gateway (" "twilio-simulator (" history "${history}")
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/deploy/simulator.changelog CONTENT "${history}" @ONLY)
  install_compressed(${CMAKE_CURRENT_BINARY_DIR}/deploy/simulator.changelog ${pages} changelog.Debian ${of_simulator})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${deploy}/debian/changelog)
  list(APPEND packaged simulator)
  list(APPEND programs twilio-simulator)
endif()

get_property(packed_files GLOBAL PROPERTY gateway_packed_files)
# With the programs they are all that an installation needs: it waits for neither tests nor benches.
add_custom_target(package-parts DEPENDS ${packed_files} ${programs})
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)

if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  return() # what the unit starts would not be there
endif()
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL ${packaged})
set(CPACK_PACKAGE_NAME summary-gateway)
set(CPACK_PACKAGE_CONTACT "The summary-gateway maintainers <maintainers@summary-gateway.example>")
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON) # otherwise what goes to /etc would go to this machine's
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Packages of two releases differ in what they depend on, and the newer release's is the newer one: 1~deb12 < 1~deb13.
cmake_host_system_information(RESULT built_on QUERY DISTRIB_ID DISTRIB_VERSION_ID)
list(TRANSFORM built_on REPLACE "^debian$" "deb")
list(JOIN built_on "" built_on)
set(CPACK_DEBIAN_PACKAGE_RELEASE "1~${built_on}")
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# The first line of a description is its summary. Without this, the project's would stand before it.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
set(CPACK_DEBIAN_GATEWAY_PACKAGE_NAME summary-gateway)
set(CPACK_DEBIAN_GATEWAY_PACKAGE_SECTION net)
set(CPACK_DEBIAN_GATEWAY_DESCRIPTION
"caching reverse proxy for Twilio Voice Insights Call Summaries
Complete call summaries are answered from memory, pollers of unfinished ones
share one upstream call, a crowd of readers costs one, and the account's limit
of concurrent requests is learnt and kept. Nobody sees a summary that Twilio
would not have shown to them.
.
It speaks HTTP and TLS to clients, has a live dashboard, Prometheus metrics and
an access log, and runs as a sandboxed service of systemd.")
# The user is made by systemd-sysusers; the scripts that enable and start a service ask its helpers.
set(CPACK_DEBIAN_GATEWAY_PACKAGE_DEPENDS "ca-certificates, init-system-helpers (>= 1.54), systemd | systemd-standalone-sysusers")
set(CPACK_DEBIAN_GATEWAY_PACKAGE_SUGGESTS "logrotate, prometheus")
set(CPACK_DEBIAN_GATEWAY_PACKAGE_CONTROL_EXTRA
    ${deploy}/debian/conffiles ${deploy}/debian/postinst ${deploy}/debian/prerm ${deploy}/debian/postrm)

set(CPACK_DEBIAN_SIMULATOR_PACKAGE_NAME twilio-simulator)
set(CPACK_DEBIAN_SIMULATOR_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_SIMULATOR_DESCRIPTION
"HTTPS server that behaves as Twilio Voice Insights does, for tests
Call summaries become partial and complete as real ones do, accounts have a
limit of concurrent requests, and events are signed and delivered. Bodies
repeat from a seed, the clock can be moved, and failures are scripted over a
control port.
.
It needs no account and no network: for the CI of programs that read summaries.")
include(CPack)
