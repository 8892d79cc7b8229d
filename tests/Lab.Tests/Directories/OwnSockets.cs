using System.Globalization;
using System.Net;

namespace Passthrough.Lab.Tests.Directories;

/// <summary>What the kernel says of this process's connections.</summary>
internal static class OwnSockets
{
    /// <summary>TCP connections, in whatever state, from this process to an address.</summary>
    public static int To(string host)
    {
        var address = Dns.GetHostAddresses(host).Single();
        var own = System.IO.Directory.EnumerateFiles("/proc/self/fd").Select(LinkOf).ToHashSet();
        return File.ReadLines("/proc/self/net/tcp").Concat(File.ReadLines("/proc/self/net/tcp6"))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Count(cells => cells[0] != "sl" && RemoteOf(cells[2]).Equals(address) && own.Contains($"socket:[{cells[9]}]"));
    }

    // Hexadecimal words in the machine's order, as /proc/net/tcp has them; a dual-mode socket has a mapped address.
    private static IPAddress RemoteOf(string cell)
    {
        var bytes = Convert.FromHexString(cell.Split(':')[0]);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            Array.Reverse(bytes, word, 4);
        }

        var address = new IPAddress(bytes);
        return address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
    }

    private static string LinkOf(string file)
    {
        try
        {
            return File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name ?? file.ToString(CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return file; // Closed meanwhile.
        }
    }
}
