using System.Globalization;
using System.Net;

namespace Passthrough.OperatorConsole;

/// <summary>What the command line says before the words that are the node's to read.</summary>
/// <param name="Target">Path of a socket, or host:port.</param>
/// <param name="Words">Empty: a prompt is wanted.</param>
/// <param name="Fault">Null: it is understood.</param>
internal sealed record ConsoleSettings(string Target, IReadOnlyList<string> Words, bool IsJson, string Certificate, string Authorities, string? Fault = null)
{
    public const string SocketVariable = "PBM_SOCKET", CertificateVariable = "PBM_CERTIFICATE", AuthoritiesVariable = "PBM_CA";
    public const string DefaultSocket = "/run/passthrough-agent/operator.sock", DefaultPort = "127.0.0.1:9110";

    public const string Help = $"""
        pbm [OPTIONS] [ADDRESS] [COMMAND]   asks an agent; without a command: a prompt

        ADDRESS   a path with a slash: the agent's operator socket on this machine; or host:port: its operators' port, over TLS.
                  Default: the socket {DefaultSocket} if it is there, else {DefaultPort}
        COMMAND   as the agent offers it: pbm help asks for the list, pbm help COMMAND for one

        --json               one JSON object a line, for programs; may stand anywhere
        --certificate FILE   the operator's certificate and key, PEM, for host:port. Environment: {CertificateVariable}
        --ca FILE            the CA of the agent's gateway, PEM, for host:port. Environment: {AuthoritiesVariable}
        --version            of this program
        --help               this

        Environment: {SocketVariable} names the socket. Exit codes: 0 done, 1 refused or failed, 2 not a command, 3 no connection,
        4 the role does not allow it, 130 interrupted.
        """;

    public bool IsSocket => Target.Contains('/', StringComparison.Ordinal);

    /// <summary>Whether the words ask about this program, not about a node.</summary>
    public bool IsAboutThisProgram => Words is ["--help" or "-h" or "--version"];

    public static ConsoleSettings Read(IReadOnlyList<string> args, Func<string, string?> environment, Func<string, bool> exists)
    {
        var words = new Queue<string>(args.Where(arg => arg != "--json"));
        var (certificate, authorities) = (environment(CertificateVariable) ?? "", environment(AuthoritiesVariable) ?? "");
        string? fault = null;
        while (fault is null && words.TryPeek(out var option) && option is "--certificate" or "--ca")
        {
            words.Dequeue();
            if (!words.TryDequeue(out var file))
            {
                fault = $"{option} needs a file";
            }
            else if (option == "--ca")
            {
                authorities = file;
            }
            else
            {
                certificate = file;
            }
        }

        var target = words.TryPeek(out var first) && IsTarget(first) ? words.Dequeue() : Default(environment, exists);
        return new ConsoleSettings(target, [.. words], args.Contains("--json"), certificate, authorities, fault);
    }

    private static bool IsTarget(string word) =>
        word.Contains('/', StringComparison.Ordinal)
        || (word.LastIndexOf(':') is > 0 and var colon && int.TryParse(word.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && port is > 0 and <= IPEndPoint.MaxPort && Uri.CheckHostName(word[..colon]) != UriHostNameType.Unknown);

    private static string Default(Func<string, string?> environment, Func<string, bool> exists) =>
        environment(SocketVariable) is { Length: > 0 } named ? named : exists(DefaultSocket) ? DefaultSocket : DefaultPort;
}
