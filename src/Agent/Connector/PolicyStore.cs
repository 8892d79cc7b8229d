using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Passthrough.Agent.Enrolment;
using Passthrough.Agent.Lockout;
using Passthrough.Decisions.Lockout;
using Passthrough.Wire.V1;

namespace Passthrough.Agent.Connector;

/// <summary>Takes the lockout policy that gateways send: puts it in force if it has no faults, and keeps it for the next start.</summary>
internal sealed class PolicyStore
{
    private static readonly JsonParser Reader = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly LockoutPolicy _configured;
    private readonly ILogger _log;
    private LockoutNumbers _kept = new();

    /// <summary>Reads what was kept. What cannot be used is left out: the configuration is in force until a gateway sends one.</summary>
    /// <param name="configured">Of this agent; says what a tenant has not set. Without faults.</param>
    public PolicyStore(string directory, LockoutPolicy configured, ILogger<PolicyStore> log)
    {
        (_file, _configured, _log) = (Path.Combine(directory, "lockout-policy.json"), configured, log);
        Policies = new LockoutPolicies(Load());
    }

    /// <summary>The policy in force.</summary>
    public LockoutPolicies Policies { get; }

    /// <param name="told">What the tenant has set; null if the gateway does not know.</param>
    public void Accept(LockoutNumbers? told, Uri gateway)
    {
        lock (_gate)
        {
            if (told is null || told.Equals(_kept))
            {
                return;
            }

            var policy = PolicyNumbers.Over(told, _configured);
            if (policy.Faults() is { Count: > 0 } faults)
            {
                _log.PolicyRefused(gateway, string.Join("; ", faults));
                return;
            }

            (_kept, Policies.Now) = (told, policy);
            _log.PolicyInForce(gateway, told.ToString());
            Keep(told);
        }
    }

    private void Keep(LockoutNumbers policy)
    {
        try
        {
            PrivateFile.Replace(_file, Encoding.UTF8.GetBytes(JsonFormatter.Default.Format(policy)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _log.PolicyNotKept(_file, e.Message);
        }
    }

    private LockoutPolicy Load()
    {
        try
        {
            if (!File.Exists(_file))
            {
                return _configured;
            }

            var kept = Reader.Parse<LockoutNumbers>(File.ReadAllText(_file));
            var policy = PolicyNumbers.Over(kept, _configured);
            if (policy.Faults() is { Count: > 0 } faults)
            {
                _log.KeptPolicyUnusable(_file, string.Join("; ", faults));
                return _configured;
            }

            _kept = kept;
            return policy;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What is not JSON, or not of this form, is an IOException too.
            _log.KeptPolicyUnusable(_file, e.Message);
            return _configured;
        }
    }
}
