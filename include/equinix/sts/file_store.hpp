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
/// If `store_options::keys` is empty, the keys are the lines of the file `key` in the directory. The first
/// process creates it (mode 0600) with one key. The key in the first line seals the records; all keys open
/// them. The constructor of a source or cache reads the file. Anyone who can read it can read the tokens.
/// To share a directory's tokens and keep the key elsewhere, set `store_options::keys`.
///
/// A record is a file, written under another name and renamed. Records are not synchronised to the disk:
/// one that a power failure has truncated does not open and is replaced. A lease is a lock (`flock`) on a
/// file of its own, which the kernel releases when its process dies. Expired records and files that are no
/// longer used are removed from time to time.
///
/// Only this function, which checks the directory, and the constructor of a source or cache, which reads
/// the key, block. All other file operations run on a thread of the store's own, which exists while there
/// are operations to perform.
///
/// \throws sts::error of kind `config`: the path is not absolute, or the directory cannot be created or used,
///         belongs to another user, or may be written to by others. The constructor of a source or cache
///         throws it if the key cannot be created or read, or may be read by others.
EQUINIX_STS_DECL std::shared_ptr<token_store> file_store(std::string directory);

} // namespace equinix::sts
