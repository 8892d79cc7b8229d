using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CsCheck;
using Passthrough.Wire.Identity;

namespace Passthrough.Wire.Tests.Identity;

public sealed class AgentIdentityTests : IDisposable
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Fact]
    public void An_identity_is_read_as_it_was_written()
    {
        var identity = new AgentIdentity("contoso", "0197-abc.DEF_9");
        Assert.Equal("passthrough:contoso/0197-abc.DEF_9", identity.ToUri().ToString());
        Assert.Equal(identity, From(names => names.AddUri(identity.ToUri())));
    }

    [Fact]
    public void Other_names_beside_it_do_not_matter() =>
        Assert.Equal(new AgentIdentity("contoso", "agent-1"), From(names =>
        {
            names.AddDnsName("passthrough.example");
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            names.AddEmailAddress("passthrough:contoso/agent-9@x");
            names.AddUri(new Uri("https://contoso/agent-2"));
            names.AddUri(new Uri("passthrough:contoso/agent-1"));
            names.AddUserPrincipalName("a@b");
        }));

    [Theory]
    [InlineData("passthrough:contoso/agent-1", "passthrough:contoso/agent-2")]
    [InlineData("passthrough:contoso/agent-1", "passthrough:contoso/agent-1")]
    [InlineData("passthrough:contoso/agent-1", "passthrough:")] // one that is none makes two as well
    public void Two_identities_are_none(string first, string second) => Assert.Null(FromUris(first, second));

    [Theory]
    [InlineData("")]
    [InlineData("passthrough:")]
    [InlineData("passthrough:/")]
    [InlineData("passthrough:contoso")]
    [InlineData("passthrough:contoso/")]
    [InlineData("passthrough:/agent-1")]
    [InlineData("passthrough:contoso/agent-1/")]
    [InlineData("passthrough:contoso/agent-1/x")]
    [InlineData("passthrough://contoso/agent-1")]
    [InlineData("PASSTHROUGH:contoso/agent-1")]
    [InlineData("passthrough:con%74oso/agent-1")]
    [InlineData("passthrough:contoso/agent 1")]
    [InlineData("passthrough:contoso/agent\u00001")]
    [InlineData("passthrough:contoso/agent\n1")]
    [InlineData("passthrough:../agent-1")]
    [InlineData("passthrough:contoso/..")]
    [InlineData("https://contoso/agent-1")]
    [InlineData(" passthrough:contoso/agent-1")]
    public void A_name_of_another_form_is_no_identity(string uri) => Assert.Null(FromUris(uri));

    [Theory]
    [InlineData(1, true)]
    [InlineData(AgentIdentity.MaxLength, true)]
    [InlineData(AgentIdentity.MaxLength + 1, false)]
    public void A_part_has_1_to_64_characters(int length, bool accepted)
    {
        var part = new string('a', length);
        Assert.Equal(accepted, AgentIdentity.IsValidPart(part));
        Assert.Equal(accepted, FromUris($"passthrough:{part}/agent-1") is not null);
        Assert.Equal(accepted, FromUris($"passthrough:contoso/{part}") is not null);
        if (!accepted)
        {
            Assert.Throws<ArgumentException>(() => new AgentIdentity(part, "agent-1"));
            Assert.Throws<ArgumentException>(() => new AgentIdentity("contoso", part));
        }
    }

    [Fact]
    public void A_certificate_without_alternative_names_is_no_agent() => Assert.Null(FromExtension(null));

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("30")]
    [InlineData("3080")]
    [InlineData("30820100")]
    [InlineData("3003860161")] // a length that goes beyond
    [InlineData("30028600ff")] // something behind the sequence
    [InlineData("0500")]
    [InlineData("30048602c3a9")] // a URI that is not ASCII
    [InlineData("3004a602040001")] // a constructed one
    [InlineData("30068684ffffffff")]
    public void A_malformed_extension_is_no_identity_and_no_exception(string extension) =>
        Assert.Null(FromExtension(Convert.FromHexString(extension)));

    [Fact]
    public void Any_bytes_in_the_extension_are_survived()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(
                UniversalTagNumber.IA5String, "passthrough:contoso/agent-1", new Asn1Tag(TagClass.ContextSpecific, 6));
        }

        var valid = writer.Encode();
        Assert.NotNull(FromExtension(valid));
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Byte, Gen.Byte.Array[0, 60]).Sample(
            (position, value, random) =>
            {
                var mutated = valid.ToArray();
                mutated[position] = value;
                FromExtension(mutated);
                FromExtension(random);
                FromExtension(valid[..position]);
            },
            iter: 300);
    }

    public void Dispose() => _key.Dispose();

    private AgentIdentity? From(Action<SubjectAlternativeNameBuilder> add)
    {
        var names = new SubjectAlternativeNameBuilder();
        add(names);
        return FromExtension(names.Build().RawData);
    }

    private AgentIdentity? FromUris(params string[] uris)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var uri in uris)
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, uri, new Asn1Tag(TagClass.ContextSpecific, 6));
            }
        }

        return FromExtension(writer.Encode());
    }

    private AgentIdentity? FromExtension(byte[]? subjectAlternativeName)
    {
        // The common name is what a hasty reader would look at.
        var request = new CertificateRequest("CN=passthrough:contoso/agent-7", _key, HashAlgorithmName.SHA256);
        if (subjectAlternativeName is not null)
        {
            request.CertificateExtensions.Add(new X509Extension(SubjectAlternativeName, subjectAlternativeName, critical: false));
        }

        var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        using var certificate = request.CreateSelfSigned(from, from.AddDays(1));

        // As it comes from a network: loaded from its bytes.
        using var loaded = X509CertificateLoader.LoadCertificate(certificate.RawData);
        return AgentIdentity.From(loaded);
    }
}
