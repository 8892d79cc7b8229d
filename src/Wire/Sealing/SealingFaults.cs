namespace Passthrough.Wire.Sealing;

/// <summary>Why an agent does not open an attempt. A closed set; nothing that comes from the network throws instead.</summary>
public enum UnwrapFault
{
    None,

    /// <summary>A part has a length that none can have, or there are too many wraps.</summary>
    Malformed,

    /// <summary>No wrap is for a session that this agent holds: it is for others, or the session ended or never arrived.</summary>
    UnknownSession,

    /// <summary>The session's time is over: the gateway should have opened another.</summary>
    SessionEnded,

    /// <summary>Header, wrap or counter were changed, or the wrap was made under another key.</summary>
    Forged,

    /// <summary>The counter, or this AttemptId with this number, was seen in this session before.</summary>
    Replayed,

    /// <summary>The header's first byte names a layout that this agent does not know.</summary>
    WrongVersion,

    /// <summary>The header is authentic and yet outside its limits.</summary>
    BadHeader,

    /// <summary>The header names another tenant than this agent's.</summary>
    WrongTenant,

    /// <summary>Its time to live is over, or no time remains.</summary>
    Expired,
}

/// <summary>Why a gateway does not seal to a sealing key that was offered.</summary>
public enum OfferFault
{
    None,

    /// <summary>A field has the wrong length.</summary>
    Malformed,

    /// <summary>Not signed by the key of the agent's certificate, or for another agent.</summary>
    BadSignature,

    /// <summary>The public key is not a point of the curve.</summary>
    BadPoint,
}

/// <summary>Why an agent does not accept a sealing session.</summary>
public enum SessionFault
{
    None,

    /// <summary>A field has the wrong length or range.</summary>
    Malformed,

    /// <summary>It names a sealing key that this agent does not hold.</summary>
    UnknownKey,

    /// <summary>It names a sealing key that is past its time.</summary>
    KeyRetired,

    /// <summary>A session of this id was accepted before: a second one would forget what was replayed.</summary>
    Repeated,

    /// <summary>More sessions than one key, or one agent, accepts.</summary>
    TooMany,

    /// <summary>The encapsulated key is not a point of the curve.</summary>
    BadPoint,
}

/// <summary>Why a gateway does not believe an answer.</summary>
public enum AnswerFault
{
    None,

    /// <summary>A field has the wrong length, or the detail cannot be read.</summary>
    Malformed,

    /// <summary>It answers another attempt, or another try of this one.</summary>
    OtherAttempt,

    /// <summary>The MAC is not that of an agent that opened this attempt, with this id, this verdict and this detail.</summary>
    Forged,

    /// <summary>This attempt is over: its key is gone.</summary>
    AttemptOver,
}
