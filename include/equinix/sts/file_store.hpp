/// \file
/// A token store in a directory, for the processes of one machine.
#pragma once

#include <equinix/sts/decl.hpp>
#include <equinix/sts/token_store.hpp>

#include <memory>
#include <string>

namespace equinix::sts {

/// Returns a store in a directory of a local file system, for processes of one user. `directory` is an
/// absolute path. Creates the directory (mode 0700) if it is missing, but not its parents.
///
/// Unless `store_options::keys` has keys, they are the lines of the directory's file `key`, which the first
/// process creates (mode 0600) with one key. The first line seals the records, all open them. The constructor
/// of a source or cache reads the file. Anyone who can read it can read the tokens. To share a directory's
/// tokens and keep the key elsewhere, set `store_options::keys`.
///
/// A record is a file, written beside its place and renamed. Nothing is synchronised to the disk: a record
/// that a power failure has cut does not open and is replaced. A lease is a lock (`flock`) on a file of its
/// own, which the kernel releases when its process dies. Expired records and files that nobody uses any
/// longer are removed from time to time.
///
/// All file operations run on a thread of the store's own, which exists while there are operations to
/// perform. Only this function, which checks the directory, and the constructor of a source or cache, which
/// reads the key, block for that.
///
/// \throws sts::error of kind `config`: the path is not absolute, or the directory cannot be created or used,
///         belongs to another user, or may be written to by others. The constructor of a source or cache
///         throws it if the key cannot be created or read, or may be read by others.
EQUINIX_STS_DECL std::shared_ptr<token_store> file_store(std::string directory);

} // namespace equinix::sts
