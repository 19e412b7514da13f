"""What can go wrong outside of a document's pixels.

    StreamError
      SettingsError        a setting is wrong; nothing can start
      DatasetError         labels of pictures are missing or wrong
      StoreError           a definitive answer about one object of the store
        ObjectMissing      it is not there
        ObjectForbidden    we may not read it, though we may read its bucket
        ObjectExists       there is one already where a new one was to be stored
        ObjectChanged      it is not the one any more that was to be replaced
        ObjectTooLarge     it exceeds the limit; nothing was fetched
        ObjectAltered      it is not what we had stored there
        DecryptionFailed   it is sealed, and altered or truncated
          DataKeyDestroyed its data key is not there any more
          KeyRecordAltered the record of its data key is not what was stored
      SourceRefused        its bucket or prefix is not on the allow-list
      DependencyAway       store or broker do not answer, or not in a way to rely on
        StoreAway
        BrokerAway
          TopicRefused     it answers, and does not let us have a topic
        MasterKeyUnknown   we were not given the master key that an object needs
        IssuerAway         see `streams.access.errors`
      LifecycleUnsupported the store deletes nothing by itself
      PublishRejected      the broker will never take this message
      ReaderKilled         the worker died of this document; it is not read again
      WorkerFailed         the worker broke down; another one should be started
      AccessError          a request may not pass, see `streams.access.errors`

`streams.failures` decides what each of them means for a document.
"""


class StreamError(Exception):
    """Root of all errors of this package."""


class SettingsError(StreamError):
    """A setting is missing, wrong or contradicts another one."""


class DatasetError(StreamError):
    """A folder of labelled pictures cannot be read."""


class StoreError(StreamError):
    """There is a definitive answer about one object of the store."""


class ObjectMissing(StoreError):
    """There is no such object or version."""


class ObjectForbidden(StoreError):
    """This object may not be read, though its bucket may."""


class ObjectExists(StoreError):
    """Nothing was stored: an object is there, or is stored or deleted at this moment."""


class ObjectChanged(StoreError):
    """Nothing was stored: what was to be replaced is gone, or is another one by now."""


class ObjectTooLarge(StoreError):
    """The object is larger than the limit."""


class ObjectAltered(StoreError):
    """The object is not what was stored there."""


class DecryptionFailed(StoreError):
    """A sealed object cannot be opened, now or later: it is altered or truncated."""


class DataKeyDestroyed(DecryptionFailed):
    """There is no record of the object's data key any more: nobody can read the object again."""


class KeyRecordAltered(DecryptionFailed):
    """The record of a data key is altered, or that of another object."""


class SourceRefused(StreamError):
    """The event names a place that is not on the allow-list."""


class DependencyAway(StreamError):
    """Something outside of us is missing, slow, failing or refuses us altogether; it may come."""


class StoreAway(DependencyAway):
    """The object store is away."""


class BrokerAway(DependencyAway):
    """The broker is away."""


class TopicRefused(BrokerAway):
    """The broker answers, and lets us neither create nor use a topic."""


class MasterKeyUnknown(DependencyAway):
    """An object needs a master key that we were not given.

    The configuration is at fault, not the object: documents wait until somebody adds the key.
    """


class LifecycleUnsupported(StreamError):
    """The store has no rules by which it deletes objects, or lets us set none."""


class PublishRejected(StreamError):
    """The broker refuses this message for what it is, not for when it comes."""


class ReaderKilled(StreamError):
    """The worker died too often while it read this document."""


class WorkerFailed(StreamError):
    """The worker cannot go on; its orchestrator should start another."""
