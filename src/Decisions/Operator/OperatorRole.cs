namespace Passthrough.Decisions.Operator;

/// <summary>What an operator may do.</summary>
public enum OperatorRole
{
    /// <summary>Look, and change nothing.</summary>
    Read,

    /// <summary>Everything.</summary>
    Operate,
}
