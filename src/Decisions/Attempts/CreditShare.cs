namespace Passthrough.Decisions.Attempts;

/// <summary>How many attempts an agent takes from each gateway instance at once.</summary>
public static class CreditShare
{
    /// <summary>An agent works on as many as it has credits, and as many again may wait. Up to two instances may each send all that it
    /// works on; more share what it can hold, so that together they never send what it must refuse.</summary>
    /// <param name="credits">1 or more.</param>
    /// <param name="gateways">Instances that the agent connects to.</param>
    /// <returns>1 to <paramref name="credits"/>.</returns>
    public static int Of(int credits, int gateways) => gateways <= 2 ? credits : Math.Max(1, (int)(2L * credits / gateways));
}
