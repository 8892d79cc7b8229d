namespace Passthrough.Audit;

/// <summary>Carries to the command line, in words for a person, why the log cannot be used; or that it is not what was written.</summary>
public sealed class AuditFaultException(string message, bool isBroken = false, Exception? cause = null) : Exception(message, cause)
{
    public bool IsBroken => isBroken;
}
