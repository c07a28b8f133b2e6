.ci/install-packages build package
DEB_BUILD_OPTIONS="noautodbgsym terse" dpkg-buildpackage -b -us -uc
apt-get install -y ../libequinix-sts*.deb ../sts-token*.deb # as root
