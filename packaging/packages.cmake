# Debian packages, by `cpack -G DEB` in a build whose prefix is /usr; scripts/package does it all.
#
#   docker-credential-purser   the helper alone: static, without dependencies, also for containers that mount the socket
#   purser                     everything else
#
# What install() names no component for goes into purser.

set(PURSER_MAINTAINER "purser developers <purser@purser.invalid>" CACHE STRING "Whom a package names as its maintainer")
set(debian ${PROJECT_SOURCE_DIR}/packaging/debian)
set(made ${PROJECT_BINARY_DIR}/packaging)
set(packages purser docker-credential-purser)

foreach(part clients managers)
  file(READ ${debian}/${part}.sh text)
  set(part_${part} "${text}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${debian}/${part}.sh)
endforeach()

# The scripts of a package that dpkg runs. In them, @clients@ and @managers@ are the parts of these names.
function(purser_maintainer_scripts package)
  string(REPLACE "@package@" "${package}" clients "${part_clients}")
  set(managers "${part_managers}")
  foreach(kind ${ARGN})
    configure_file(${debian}/${package}.${kind} ${made}/${package}/${kind} @ONLY FILE_PERMISSIONS
      OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    list(APPEND scripts ${made}/${package}/${kind})
  endforeach()
  string(TOUPPER ${package} name)
  set(CPACK_DEBIAN_${name}_PACKAGE_CONTROL_EXTRA "${scripts}" PARENT_SCOPE)
  set(CPACK_DEBIAN_${name}_PACKAGE_CONTROL_STRICT_PERMISSION ON PARENT_SCOPE)
endfunction()

purser_maintainer_scripts(purser postinst prerm postrm)
purser_maintainer_scripts(docker-credential-purser prerm)

# Documents go only where a package is made.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT purser EXCLUDE_FROM_ALL
  PATTERN "man" EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT purser EXCLUDE_FROM_ALL)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # of SOURCE_DATE_EPOCH, where it is set
foreach(package ${packages})
  configure_file(${debian}/changelog ${made}/${package}/changelog.Debian @ONLY)
  install(FILES ${debian}/copyright ${made}/${package}/changelog.Debian
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} COMPONENT ${package} EXCLUDE_FROM_ALL)
  install(FILES ${PROJECT_SOURCE_DIR}/CHANGELOG.md RENAME changelog
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} COMPONENT ${package} EXCLUDE_FROM_ALL)
  install(FILES ${debian}/${package}.overrides RENAME ${package}
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/lintian/overrides COMPONENT ${package} EXCLUDE_FROM_ALL)
endforeach()

set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_NAME purser)
set(CPACK_PACKAGE_VERSION ${PURSER_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each has its own below
set(CPACK_PACKAGE_CONTACT "${PURSER_MAINTAINER}")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_COMPONENTS_ALL ${packages})
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
# Compresses, and finds the dependencies: CPack by itself would not tell those of purser-keyring from the others.
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/staged.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_PURSER_PACKAGE_NAME purser)
set(CPACK_DEBIAN_PURSER_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PURSER_PACKAGE_SUGGESTS "dbus-user-session, docker.io | podman")
set(CPACK_COMPONENT_PURSER_DESCRIPTION "live credentials for container registries
A daemon for each user obtains, renews and holds the tokens of container
registries, among them Amazon ECR and ECR Public, and what \"docker login\"
stored. docker, podman, helm, crane and other clients get them through the
credential helper of the package docker-credential-purser.
.
systemd starts the daemon in the user's session when it is first asked;
elsewhere the helper does.")
set(CPACK_DEBIAN_DOCKER-CREDENTIAL-PURSER_PACKAGE_NAME docker-credential-purser)
set(CPACK_DEBIAN_DOCKER-CREDENTIAL-PURSER_PACKAGE_ENHANCES purser)
set(CPACK_COMPONENT_DOCKER-CREDENTIAL-PURSER_DESCRIPTION "credential helper of container registries, for purser
A static program that passes the questions of docker, podman, helm, Bazel,
the kubelet and their kin on to purserd. Alone, it is for containers into
which the socket of a daemon is mounted; where the daemon should run,
install the package purser.")
include(CPack)
