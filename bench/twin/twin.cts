// The quickstart's two stacks, written for TypeScript CDK as one would by hand: the same constructs at the same
// places, so that the templates are the same. Node strips the types by itself.
//
// Takes the deployment as JSON (bench/quickstart.py writes it) and cdk.json's context; writes to CDK_OUTDIR.

const { App, CfnOutput, Fn, RemovalPolicy, Stack, Tags, Validations }: typeof import('aws-cdk-lib') = require('aws-cdk-lib');
const ec2: typeof import('aws-cdk-lib/aws-ec2') = require('aws-cdk-lib/aws-ec2');
const iam: typeof import('aws-cdk-lib/aws-iam') = require('aws-cdk-lib/aws-iam');
const kms: typeof import('aws-cdk-lib/aws-kms') = require('aws-cdk-lib/aws-kms');
const logs: typeof import('aws-cdk-lib/aws-logs') = require('aws-cdk-lib/aws-logs');
const { Construct }: typeof import('constructs') = require('constructs');
const { readFileSync }: typeof import('node:fs') = require('node:fs');

interface Settings {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly tags: Record<string, string>;
  readonly pineconeAccount: string;
  readonly roleName: string;
  readonly trustedRegions: string[];
  readonly externalId: string;
  readonly alias: string;
  readonly rotationDays: number;
  readonly multiRegion: boolean;
  readonly deletionWindowDays: number;
  readonly vpcCidr: string;
  readonly subnets: { readonly zone: string; readonly cidr: string }[];
  readonly clientCidrs: string[];
  readonly serviceName: string;
  readonly privateZone: string;
}

const PORT = 443;

class PineconeRole extends Construct {
  public readonly resource: import('aws-cdk-lib/aws-iam').CfnRole;

  constructor(scope: import('constructs').Construct, id: string, settings: Settings) {
    super(scope, id);
    const principals = settings.trustedRegions.map(
      (region) => `arn:aws:iam::${settings.pineconeAccount}:role/pinecone_cmek_access_${region}`,
    );
    this.resource = new iam.CfnRole(this, 'Resource', {
      roleName: settings.roleName,
      description: `Assumed by Pinecone to use the KMS key of ${settings.name} (CMEK)`,
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AllowPineconeToAssumeTheRole',
            Effect: 'Allow',
            Principal: { AWS: principals },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'sts:ExternalId': settings.externalId } },
          },
        ],
      },
    });
    this.resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  }
}

class EncryptionKey extends Construct {
  public readonly resource: import('aws-cdk-lib/aws-kms').CfnKey;
  public readonly alias: import('aws-cdk-lib/aws-kms').CfnAlias;

  constructor(scope: import('constructs').Construct, id: string, settings: Settings, keyUser: string) {
    super(scope, id);
    this.resource = new kms.CfnKey(this, 'Resource', {
      description: `Used by Pinecone to encrypt the project of ${settings.name} (CMEK)`,
      enabled: true,
      enableKeyRotation: true,
      rotationPeriodInDays: settings.rotationDays,
      keySpec: 'SYMMETRIC_DEFAULT',
      keyUsage: 'ENCRYPT_DECRYPT',
      origin: 'AWS_KMS',
      multiRegion: settings.multiRegion,
      pendingWindowInDays: settings.deletionWindowDays,
      keyPolicy: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'EnableIamUserPermissions',
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${Stack.of(this).account}:root` },
            Action: 'kms:*',
            Resource: '*',
          },
          {
            Sid: 'AllowUseOfTheKey',
            Effect: 'Allow',
            Principal: { AWS: keyUser },
            Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
            Resource: '*',
          },
          {
            Sid: 'AllowAttachmentOfPersistentResources',
            Effect: 'Allow',
            Principal: { AWS: keyUser },
            Action: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
            Resource: '*',
            Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
          },
        ],
      },
    });
    this.alias = new kms.CfnAlias(this, 'Alias', { aliasName: settings.alias, targetKeyId: this.resource.attrKeyId });
    for (const resource of [this.resource, this.alias]) {
      resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    }
  }
}

class CmekStack extends Stack {
  constructor(scope: import('constructs').Construct, id: string, settings: Settings) {
    super(scope, id, {
      description: `Lets Pinecone encrypt with a KMS key of yours (${settings.name}). Keep: a lost key is lost data.`,
      terminationProtection: true,
      env: { account: settings.account, region: settings.region },
      tags: settings.tags,
    });
    const role = new PineconeRole(this, 'PineconeRole', settings);
    role.resource.overrideLogicalId('PineconeRole');
    new CfnOutput(this, 'RoleArn', { value: role.resource.attrArn, description: 'Pinecone console: Role ARN' });
    const key = new EncryptionKey(this, 'EncryptionKey', settings, role.resource.attrArn);
    key.resource.overrideLogicalId('EncryptionKey');
    key.alias.overrideLogicalId('EncryptionKeyAlias');
    new CfnOutput(this, 'KeyArn', { value: key.resource.attrArn, description: 'Pinecone console: Key ARN' });
    new CfnOutput(this, 'KeyAlias', { value: key.alias.ref, description: "The key's alias" });
    new CfnOutput(this, 'ExternalId', {
      value: settings.externalId,
      description: 'Pinecone console: External ID; none: leave blank',
    });
  }
}

class IsolatedVpc extends Construct {
  public readonly resource: import('aws-cdk-lib/aws-ec2').CfnVPC;
  public readonly subnetIds: string[];
  public readonly logGroup: import('aws-cdk-lib/aws-logs').CfnLogGroup;

  constructor(scope: import('constructs').Construct, id: string, settings: Settings) {
    super(scope, id);
    const name = `pinecone-${settings.name}`;
    this.resource = new ec2.CfnVPC(this, 'Resource', {
      cidrBlock: settings.vpcCidr,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      tags: [{ key: 'Name', value: name }],
    });
    const table = new ec2.CfnRouteTable(this, 'RouteTable', { vpcId: this.resource.ref });
    this.subnetIds = settings.subnets.map(({ zone, cidr }) => {
      const letter = zone.slice(-1).toUpperCase();
      const subnet = new ec2.CfnSubnet(this, `Subnet${letter}`, {
        vpcId: this.resource.ref,
        availabilityZone: zone,
        cidrBlock: cidr,
        mapPublicIpOnLaunch: false,
        tags: [{ key: 'Name', value: `${name}-${zone}` }],
      });
      new ec2.CfnSubnetRouteTableAssociation(this, `Routes${letter}`, {
        subnetId: subnet.ref,
        routeTableId: table.ref,
      });
      return subnet.ref;
    });
    const { account, region } = Stack.of(this);
    this.logGroup = new logs.CfnLogGroup(this, 'FlowLogGroup', { retentionInDays: 365 });
    this.logGroup.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    const role = new iam.CfnRole(this, 'FlowLogRole', {
      description: 'Lets VPC flow logs write to their log group',
      assumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AllowFlowLogsToAssumeTheRole',
            Effect: 'Allow',
            Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: {
              ArnLike: { 'aws:SourceArn': `arn:aws:ec2:${region}:${account}:vpc-flow-log/*` },
              StringEquals: { 'aws:SourceAccount': account },
            },
          },
        ],
      },
    });
    const policy = new iam.CfnManagedPolicy(this, 'FlowLogPolicy', {
      description: 'Write one log group',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Sid: 'AllowWritingTheLogGroup',
            Effect: 'Allow',
            Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
            Resource: this.logGroup.attrArn,
          },
        ],
      },
      roles: [role.ref],
    });
    const flowLog = new ec2.CfnFlowLog(this, 'FlowLog', {
      resourceType: 'VPC',
      resourceId: this.resource.ref,
      trafficType: 'ALL',
      logDestinationType: 'cloud-watch-logs',
      logGroupName: this.logGroup.ref,
      deliverLogsPermissionArn: role.attrArn,
    });
    flowLog.addResourceDependency(policy);
  }
}

class InterfaceEndpoint extends Construct {
  public readonly resource: import('aws-cdk-lib/aws-ec2').CfnVPCEndpoint;
  public readonly dnsName: string;
  public readonly groupId: string;

  constructor(scope: import('constructs').Construct, id: string, settings: Settings, vpc: IsolatedVpc) {
    super(scope, id);
    const group = new ec2.CfnSecurityGroup(this, 'SecurityGroup', {
      vpcId: vpc.resource.ref,
      groupDescription: 'Lets the named clients reach the Pinecone endpoint on port 443, nothing else',
      securityGroupIngress: settings.clientCidrs.map((cidr) => ({
        ipProtocol: 'tcp',
        fromPort: PORT,
        toPort: PORT,
        cidrIp: cidr,
        description: `Clients of Pinecone in ${cidr}`,
      })),
      securityGroupEgress: [
        {
          ipProtocol: 'icmp',
          fromPort: 252,
          toPort: 86,
          cidrIp: '255.255.255.255/32',
          description: 'Allows nothing; stands in for the rule that would allow everything',
        },
      ],
    });
    this.groupId = group.attrGroupId;
    this.resource = new ec2.CfnVPCEndpoint(this, 'Resource', {
      serviceName: settings.serviceName,
      vpcEndpointType: 'Interface',
      vpcId: vpc.resource.ref,
      subnetIds: vpc.subnetIds,
      securityGroupIds: [group.attrGroupId],
      privateDnsEnabled: true,
      ipAddressType: 'ipv4',
      tags: [{ key: 'Name', value: `pinecone-${settings.name}` }],
    });
    this.dnsName = Fn.select(1, Fn.split(':', Fn.select(0, this.resource.attrDnsEntries)));
  }
}

class PrivateLinkStack extends Stack {
  constructor(scope: import('constructs').Construct, id: string, settings: Settings) {
    super(scope, id, {
      description: `A private way to Pinecone's indexes (${settings.name})`,
      env: { account: settings.account, region: settings.region },
      tags: settings.tags,
    });
    const vpc = new IsolatedVpc(this, 'Vpc', settings);
    const endpoint = new InterfaceEndpoint(this, 'Endpoint', settings, vpc);
    endpoint.resource.overrideLogicalId('Endpoint');
    const outputs = {
      VpcEndpointId: [endpoint.resource.ref, 'Pinecone console: VPC endpoint ID'],
      VpcEndpointDnsName: [endpoint.dnsName, 'Target for DNS that you run yourself'],
      PrivateDnsZone: [settings.privateZone, "Zone of Pinecone's private names"],
      VpcId: [vpc.resource.ref, "The endpoint's VPC"],
      SubnetIds: [Fn.join(',', vpc.subnetIds), "The endpoint's subnets"],
      SecurityGroupId: [endpoint.groupId, "The endpoint's security group"],
    };
    for (const [name, [value, description]] of Object.entries(outputs)) {
      new CfnOutput(this, name, { value, description });
    }
    const reason = 'as in stacks/acknowledgments.py';
    Validations.of(vpc).acknowledge({ id: 'CloudFormation-Validate::W3010', reason });
    Validations.of(vpc.logGroup).acknowledge({
      id: 'NIST.800.53.R5::NIST.800.53.R5-CloudWatchLogGroupEncrypted',
      reason,
    });
    Validations.of(vpc.resource).acknowledge({
      id: 'NIST.800.53.R5::NIST.800.53.R5-VPCDefaultSecurityGroupClosed',
      reason,
    });
  }
}

const [settingsFile, cdkJson] = process.argv.slice(2);
const settings: Settings = JSON.parse(readFileSync(settingsFile, 'utf8'));
const app = new App({
  context: JSON.parse(readFileSync(cdkJson, 'utf8')).context,
  postCliContext: {
    'aws:cdk:enable-path-metadata': false,
    'aws:cdk:enable-asset-metadata': false,
    'aws:cdk:version-reporting': false,
    'aws:cdk:disable-creation-stack-traces': true,
  },
  analyticsReporting: false,
  treeMetadata: false,
  stackTraces: false,
});
const stacks = [
  new CmekStack(app, `Pinekeep-${settings.name}-Cmek`, settings),
  new PrivateLinkStack(app, `Pinekeep-${settings.name}-PrivateLink`, settings),
];
for (const stack of stacks) {
  for (const [key, value] of Object.entries(settings.tags)) {
    Tags.of(stack).add(key, value);
  }
}
app.synth();
