.ci/install-packages build package
cmake --workflow --preset package
apt-get install -y ./build/package/*.deb # as root
