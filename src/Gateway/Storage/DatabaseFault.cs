using System.Data.Common;
using Microsoft.EntityFrameworkCore;

namespace Passthrough.Gateway.Storage;

/// <summary>Tells a database that does not do its part from an error of this program.</summary>
public static class DatabaseFault
{
    public static bool Is(Exception e) => e is DbException or DbUpdateException or TimeoutException

        // How the PostgreSQL provider wraps what may pass, as a refused connection.
        or InvalidOperationException { InnerException: DbException or TimeoutException };

    /// <summary>What went wrong, without what wrapped it.</summary>
    public static string Reason(Exception e) => (e.InnerException ?? e).Message;
}
