namespace Passthrough.Decisions.Lockout;

/// <summary>Whether somebody signed in to the account from there before. Each class has its own failures, charges, budget and
/// lock, so that what strangers do never locks the owner out. The numbers are in journals.</summary>
public enum SourceClass
{
    Unfamiliar = 0,
    Familiar = 1,
}
