namespace Passthrough.Benchmarks.Processes;

/// <summary>LDAP operations that a directory server has completed.</summary>
internal readonly record struct DirectoryOperations(long Binds, long Searches)
{
    public static DirectoryOperations operator -(DirectoryOperations after, DirectoryOperations before) =>
        new(after.Binds - before.Binds, after.Searches - before.Searches);
}
