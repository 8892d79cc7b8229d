namespace Passthrough.Agent.Lockout;

/// <summary>What <see cref="PermitDesk.AskAsync"/> answers.</summary>
public abstract record PermitAnswer
{
    private PermitAnswer()
    {
    }

    /// <summary>Leave to send one bind to one domain controller.</summary>
    /// <param name="Permit">Names it to <see cref="PermitDesk.SettleAsync"/>; never 0.</param>
    /// <param name="ExpiresAt">By this node's clock. The bind must have ended by then: use it as the bind's deadline. A worker
    /// that is late sends nothing.</param>
    public sealed record Granted(ulong Permit, DateTimeOffset ExpiresAt) : PermitAnswer;

    /// <param name="Until">By this node's clock.</param>
    public sealed record Locked(DateTimeOffset Until) : PermitAnswer;

    /// <summary>The rest of the budget is taken by binds under way: nobody knows yet whether one more is allowed. "Try again
    /// later", not "wrong password".</summary>
    public sealed record TooManyOpen : PermitAnswer;

    /// <summary>Nobody answered by the deadline. No bind may be sent.</summary>
    public sealed record Unavailable : PermitAnswer;
}
