namespace Passthrough.Decisions.Peers;

/// <summary>What the journal's database says to a part of the cluster that wants to go on without the others.</summary>
public enum PartitionRecord
{
    /// <summary>It did not answer.</summary>
    Silent,

    /// <summary>Nobody has left this part out; that it goes on without the others is now written down.</summary>
    Written,

    /// <summary>Another part went on before, without a node of this one.</summary>
    LeftOut,
}

/// <summary>Which part of a cluster goes on when nodes no longer see each other. The journal's database decides, since it says yes to
/// one part only, whenever it is asked. Where it is silent, more than half of the nodes go on. The smaller part does not ask.</summary>
public static class PartitionVerdict
{
    /// <summary>Whether the database is to be asked.</summary>
    /// <param name="seen">Nodes of this part, this one included.</param>
    /// <param name="missing">The others, 0 or more.</param>
    public static bool MayAsk(int seen, int missing) => seen >= missing;

    /// <summary>Whether this part goes on.</summary>
    /// <param name="seen">As in <see cref="MayAsk"/>.</param>
    /// <param name="missing">As in <see cref="MayAsk"/>.</param>
    /// <param name="record">What the database said.</param>
    public static bool GoesOn(int seen, int missing, PartitionRecord record) => MayAsk(seen, missing) && record switch
    {
        PartitionRecord.Written => true,
        PartitionRecord.Silent => seen > missing,
        _ => false,
    };
}
